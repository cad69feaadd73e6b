-- What is wrong is marked while typing, told with `CTRL-W d`, and mended with `gra`.
return function(user)
  user.client()

  user.go_to('print(')
  user.type('otry:<CR>await compare([], "figs")<CR><C-d>except asyncio.CancelledError:<CR>print("late")<Esc>')
  user.till('the line is marked', function()
    return user.screen():find('\nW +except asyncio.CancelledError:')
  end)
  user.go_to('CancelledError')
  user.type('<C-w>d')
  local shown = user.float('[cancellation-swallowed]')
  assert(shown:find('asyncio.CancelledError', 1, true), shown)
  user.type('b')

  user.go_to('CancelledError')
  user.type('gra')
  user.till('Neovim asks which', function()
    return vim.fn.mode() == 'c'
  end)
  user.type('1<CR>')
  user.till('it is mended', function()
    return table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), '\n'):find('print%("late"%)\n        raise\n')
  end)
  user.till('the mark is gone', function()
    return not user.screen():find('\nW +except')
  end)
end
