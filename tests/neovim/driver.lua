-- Runs a scenario as a user: keys are typed into Neovim's own main loop, and what is asserted is on the screen.
--
-- `nvim --headless -S driver.lua FILE` with the scenario's path in g:scenario. A scenario is a function of the user
-- below; it runs in a coroutine that timers resume, so Neovim handles everything in between as it always does.
-- Exits 0 when the scenario ends, 1 with a message and the screen on stderr when it fails.

local api = vim.api

local user = {}
local thread

local function resume()
  local ok, problem = coroutine.resume(thread)
  if not ok then
    io.stderr:write(debug.traceback(thread, problem), '\n\nThe screen:\n', user.screen(), '\n')
    vim.cmd('cquit 1')
  end
end

-- Let Neovim work for some milliseconds.
function user.wait(milliseconds)
  vim.defer_fn(resume, milliseconds)
  coroutine.yield()
end

-- Wait until `condition()` is true and return what it returned; fail with `what` after five seconds.
function user.till(what, condition)
  local deadline = vim.uv.now() + 5000
  while true do
    local found = condition()
    if found then
      return found
    end
    if vim.uv.now() > deadline then
      error('not within five seconds: ' .. what, 2)
    end
    user.wait(10)
  end
end

-- Type keys, written as in mappings.
function user.type(keys)
  api.nvim_input(keys)
  user.wait(10)
end

-- Put the cursor on the first match of a Vim pattern.
function user.go_to(pattern)
  vim.fn.cursor(1, 1)
  assert(vim.fn.search(pattern, 'c') > 0, 'not in the file: ' .. pattern)
end

-- The client of asyncio-lsp once it is attached.
function user.client()
  return user.till('asyncio-lsp is attached', function()
    local client = vim.lsp.get_clients({ bufnr = 0, name = 'asyncio_lsp' })[1]
    return client and client.initialized and client
  end)
end

-- The windows that float.
function user.floats()
  return vim.tbl_filter(function(window)
    return api.nvim_win_get_config(window).relative ~= ''
  end, api.nvim_list_wins())
end

-- What the screen shows, one line for each of its rows.
function user.screen()
  vim.cmd('redraw!')
  local rows = {}
  for row = 1, vim.o.lines do
    local cells = {}
    for column = 1, vim.o.columns do
      cells[column] = vim.fn.screenstring(row, column)
    end
    rows[row] = (table.concat(cells):gsub('%s+$', ''))
  end
  return (table.concat(rows, '\n'))
end

thread = coroutine.create(function()
  dofile(vim.g.scenario)(user)
  vim.cmd('qall!')
end)
vim.schedule(resume)
