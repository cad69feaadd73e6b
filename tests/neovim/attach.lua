-- The server starts with a Python file, says who it is, and ends when it is told to.
return function(user)
  local client = user.client()
  assert(client.server_info.name == 'asyncio-lsp', client.server_info.name)
  assert(client.server_info.version == vim.g.version, client.server_info.version)
  assert(client.root_dir == vim.uv.cwd(), client.root_dir)

  vim.cmd('checkhealth vim.lsp')
  local health = table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), '\n')
  for _, line in ipairs({ 'asyncio_lsp (id: ', '- Version: ' .. vim.g.version, 'root_markers: ' }) do
    assert(health:find(line, 1, true), line .. ' is missing in:\n' .. health)
  end
  assert(not health:find('WARNING'), health)
  vim.cmd('bdelete')

  assert(#user.servers() == 1, 'one server: ' .. vim.inspect(user.servers()))
  vim.lsp.enable('asyncio_lsp', false)
  user.till('the server is gone', function()
    return #vim.lsp.get_clients() == 0 and #user.servers() == 0
  end)
  assert(not vim.fn.execute('messages'):find('exit code'), 'it ends as it should')

  vim.lsp.enable('asyncio_lsp')
  user.client()
end
