-- The settings of the README are known, and followed from the start and while the server runs.
return function(user)
  local client = user.client()

  -- `hover.detail` is `short`: no example.
  user.go_to('gather(')
  user.type('K')
  local shown = user.float('asyncio.gather(')
  assert(not shown:find('await asyncio.gather', 1, true), shown)
  user.type('0')

  -- `completion.snippets` is `off`.
  user.go_to('print(')
  user.type('oasyncio.')
  user.menu('gather(…)')
  user.type('wait_f')
  user.menu('wait_for(…)', 'gather(…)')
  user.type('<C-n>')
  user.type('<C-y>')
  user.till('the plain text is written', function()
    return vim.api.nvim_get_current_line() == '    asyncio.wait_for()'
  end)
  assert(not vim.snippet.active(), 'there is nothing to fill in')

  -- `signatureHelp.enabled` is false.
  user.type('<Left><C-s>')
  user.told('No signature help available')
  user.type('<Esc>')

  -- `diagnostics.ignore` names what would mark a line. Neovim asks when the text changes.
  user.till('no line is marked', function()
    return vim.tbl_count(vim.diagnostic.get_namespaces()) > 0 and not user.screen():find('\nW ')
  end)

  vim.cmd.runtime('readme/while-it-runs.lua')
  user.till('hover is taken back', function()
    return not client:supports_method('textDocument/hover', 0)
  end)
  user.go_to('gather(')
  user.type('K')
  user.told('textDocument/hover is not supported')
  user.logged('textDocument/hover is not supported')
  assert(#user.floats() == 0, user.screen())
  assert(user.log() == '', user.log())

  -- A switch that does not exist is named, where what the server prints would be, too.
  client.settings['asyncio-lsp'] = { hover = { enabled = true }, hoover = true }
  client:notify('workspace/didChangeConfiguration', { settings = client.settings })
  user.logged('asyncio-lsp.hoover is unknown')
  user.till('hover is back', function()
    return client:supports_method('textDocument/hover', 0)
  end)
  user.type('K')
  user.float('asyncio.gather(')
end
