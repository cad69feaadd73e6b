-- The menu comes while typing, and an accepted call can be filled in.

return function(user)
  user.client()

  user.go_to('print(')
  user.type('oawait asyncio.')
  local offers = user.menu('gather(…)')
  assert(not offers.gather, 'the bare name is for the other server')
  assert(offers['gather(…)'].kind == 'Function', offers['gather(…)'].kind)
  -- Neovim asks for no documentation later on.
  assert(offers['gather(…)'].info:find('asyncio.gather(', 1, true), offers['gather(…)'].info)

  user.type('wait_f')
  user.menu('wait_for(…)', 'gather(…)')
  user.till('the screen shows the menu', function()
    return user.screen():find('\n *wait_for%(…%) +Function ')
  end)
  user.type('<C-n>')
  user.type('<C-y>')
  user.till('the call is written out', function()
    return vim.api.nvim_get_current_line() == '    await asyncio.wait_for(fut, timeout)' and vim.snippet.active()
  end)
  user.type('main()')
  user.type('<Tab>')
  user.type('3')
  user.type('<Tab>')
  user.type('  # enough')
  local line = '    await asyncio.wait_for(main(), 3)  # enough'
  user.till('the tab stops are filled in', function()
    return vim.api.nvim_get_current_line() == line
  end)
  user.type('<Esc>')

  -- The methods of an instance, asked for by hand.
  user.go_to('return float')
  user.type('Oself.orders.g<C-x><C-o>')
  assert(user.menu('get()', 'put(…)')['get_nowait()'], user.screen())
  user.type('<C-e><Esc>')

  -- In an import there is nothing to call.
  user.type('ggOfrom asyncio import Qu<C-x><C-o>')
  user.menu('Queue', 'Queue(…)')
  user.type('<C-e><Esc>')
end
