-- What a call gives stands behind the variable, in the place of the text where it is not written.
return function(user)
  local client = user.client()
  user.till('hints are registered', function()
    return client:supports_method('textDocument/inlayHint', 0)
  end)
  user.go_to('print(')
  user.type('Otask = asyncio.sleep(1)<Esc>')
  user.till('the hint is on the screen', function()
    return user.screen():find('task: coroutine: await it = asyncio.sleep(1)', 1, true)
  end)
  assert(vim.api.nvim_get_current_line() == '    task = asyncio.sleep(1)')
end
