-- The menu comes while typing, and an accepted call can be filled in.

-- The offers in the menu by what it shows of them.
local function offers()
  local found = {}
  for _, item in ipairs(vim.fn.complete_info({ 'items' }).items) do
    found[item.abbr] = item
  end
  return found
end

return function(user)
  user.client()

  local function menu()
    user.till('the menu shows', function()
      return vim.fn.pumvisible() == 1
    end)
    return offers()
  end

  user.go_to('print(')
  user.type('oawait asyncio.')
  local found = menu()
  assert(found['gather(…)'] and found['gather(…)'].kind == 'Function', vim.inspect(vim.tbl_keys(found)))
  assert(not found.gather, 'the bare name is for the other server')
  -- Neovim asks for no documentation later on.
  assert(found['gather(…)'].info:find('asyncio.gather(', 1, true), found['gather(…)'].info)

  user.type('wait_f')
  user.till('the menu is narrowed down', function()
    return user.screen():find('wait_for(…)', 1, true) and not user.screen():find('gather(…)', 1, true)
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
  found = menu()
  assert(found['get()'] and found['get_nowait()'], vim.inspect(vim.tbl_keys(found)))
  assert(not found['put(…)'], vim.inspect(vim.tbl_keys(found)))
  user.type('<C-e><Esc>')

  -- In an import there is nothing to call.
  user.type('ggOfrom asyncio import Qu<C-x><C-o>')
  found = menu()
  assert(found.Queue and not found['Queue(…)'], vim.inspect(vim.tbl_keys(found)))
  user.type('<C-e><Esc>')
end
