-- Beside a full Python server: here one that answers everywhere, and lives in Neovim itself.

local ANSWERS = {
  initialize = { capabilities = { hoverProvider = true, signatureHelpProvider = { triggerCharacters = { '(' } } } },
  ['textDocument/hover'] = { contents = { kind = 'markdown', value = 'what the neighbour knows' } },
  ['textDocument/signatureHelp'] = { signatures = { { label = 'neighbour()', documentation = ('long\n'):rep(9) } } },
}

local function neighbour(dispatchers)
  local stopped, requests = false, 0
  local function stop()
    stopped = true
    dispatchers.on_exit(0, 0)
  end
  return {
    request = function(method, _, callback)
      vim.schedule(function()
        callback(nil, ANSWERS[method])
      end)
      requests = requests + 1
      return true, requests
    end,
    notify = function(method)
      if method == 'exit' then
        stop()
      end
      return true
    end,
    is_closing = function()
      return stopped
    end,
    terminate = stop,
  }
end

return function(user)
  user.client()
  vim.lsp.config('neighbour', { cmd = neighbour, filetypes = { 'python' } })
  vim.lsp.enable('neighbour')
  user.till('both are attached', function()
    local client = vim.lsp.get_clients({ bufnr = 0, name = 'neighbour' })[1]
    return client and client.initialized
  end)

  -- Both below their names, the one that was started first above.
  user.go_to('gather(')
  user.type('K')
  local shown, buffer = user.float('# asyncio_lsp', 'asyncio.gather(', '# neighbour')
  assert(shown:find('^# asyncio_lsp\nasyncio%.gather%('), shown)
  local last = vim.api.nvim_buf_get_lines(buffer, -3, -1, false)
  assert(vim.deep_equal(last, { '# neighbour', 'what the neighbour knows' }), vim.inspect(last))
  user.type('0')

  -- Alone there is no heading.
  user.go_to('print(')
  user.type('K')
  shown = user.float('what the neighbour knows')
  assert(shown == 'what the neighbour knows', shown)
  user.type('0')

  -- The last one's signature; ours is two keys away.
  user.type('oasyncio.')
  user.menu('sleep(…)')
  user.type('sleep(<C-s>')
  shown = user.float('neighbour()', '(<C-s> to cycle)')
  assert(vim.startswith(shown, '# Signature Help: neighbour (2/2) (<C-s> to cycle)'), shown)
  user.type('<C-s>')
  user.till('the cursor is in the window', function()
    return vim.api.nvim_get_current_win() == user.floats()[1]
  end)
  user.type('<C-s>')
  shown = user.float('sleep(delay')
  assert(vim.startswith(shown, '# Signature Help: asyncio_lsp (1/2)'), shown)
end
