-- `CTRL-S` shows the signature of the call that is being typed, its parameter highlighted.

-- The text that a window highlights as the active parameter.
local function active_parameter(buffer)
  local found = {}
  for _, mark in ipairs(vim.api.nvim_buf_get_extmarks(buffer, -1, 0, -1, { details = true })) do
    local _, row, column, details = unpack(mark)
    if details.hl_group == 'LspSignatureActiveParameter' then
      vim.list_extend(found, vim.api.nvim_buf_get_text(buffer, row, column, details.end_row, details.end_col, {}))
    end
  end
  return table.concat(found, '\n')
end

return function(user)
  user.client()

  local function expect(parameter, text)
    user.type('<C-s>')
    local shown, buffer = user.float('wait_for(fut: ', text)
    assert(vim.startswith(shown, 'wait_for(fut: '), shown)
    local active = active_parameter(buffer)
    assert(vim.startswith(active, parameter .. ': '), parameter .. ' should be highlighted, not ' .. active)
  end

  -- Nothing is closed yet, and the call goes on over several lines.
  user.go_to('print(')
  user.type('obest = await asyncio.')
  user.menu('wait_for(…)')
  user.type('wait_for(')
  expect('fut', 'Await it.')
  user.type('<CR>compare([],')
  user.type('<C-s>')
  user.told('No signature help available')
  user.type('<CR>"apples"),<CR>')
  expect('timeout', 'Seconds.')
  user.type('timeout=2')
  expect('timeout', 'Seconds.')
  user.type(')')
  user.type('<C-s>')
  user.told('No signature help available')
end
