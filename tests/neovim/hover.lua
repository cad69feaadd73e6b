-- `K` shows documentation on what is asyncio's, and nothing on the rest.
return function(user)
  user.client()

  user.go_to('gather(')
  user.type('K')
  local shown, buffer = user.float('asyncio.gather(', '\nAwait it. Run ')
  local text = table.concat(vim.api.nvim_buf_get_lines(buffer, 0, -1, false), '\n')
  assert(vim.startswith(text, '```python\nasyncio.gather('), text)
  assert(text:find('**Await it.**', 1, true), text)
  assert(text:find('](https://docs.python.org/3', 1, true), text)
  -- On the screen it is not Markdown any more: the fences take no line, the marks and the address no place.
  assert(vim.startswith(shown, 'asyncio.gather('), shown)
  for _, mark in ipairs({ '**', 'https:', '](' }) do
    assert(not shown:find(mark, 1, true), mark .. ' is on the screen:\n' .. shown)
  end
  assert(not shown:find('\n\n\n', 1, true), shown)

  -- Once more goes into the window, where `q` closes it.
  user.type('K')
  user.till('the cursor is in the window', function()
    return vim.api.nvim_get_current_buf() == buffer
  end)
  user.type('q')
  user.till('the window is closed', function()
    return #user.floats() == 0
  end)

  -- A method of an instance that the program made itself.
  user.go_to('put(article')
  user.type('K')
  shown = user.float('asyncio.Queue.put(')
  assert(vim.startswith(shown, 'asyncio.Queue.put('), shown)
  user.type('0')

  -- A keyword argument: first the function in one line, then the parameter.
  user.go_to('return_exceptions')
  user.type('K')
  shown = user.float('return_exceptions')
  local rows = vim.split(shown, '\n')
  assert(vim.startswith(rows[1], 'asyncio.gather(…, return_exceptions:'), shown)
  assert(vim.startswith(rows[2], 'return_exceptions: '), shown)
  user.type('0')

  -- The project supports Python 3.10.
  user.go_to('timeout(')
  user.type('K')
  user.float('asyncio.timeout(', '3.10+')
  user.type('0')

  for _, name in ipairs({ 'Sequence', 'price(article', 'print', '"pears"' }) do
    user.till('the last window is closed', function()
      return #user.floats() == 0
    end)
    user.go_to(name)
    user.type('K')
    user.told('No information available')
    assert(#user.floats() == 0, user.screen())
  end
end
