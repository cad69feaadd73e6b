-- Plays a user: types keys into Neovim's own main loop and looks at what it shows.
--
-- `nvim --headless --cmd "let g:scenario = 'PATH'" -S driver.lua FILE` runs a scenario, a function of the user below.
-- It runs in a coroutine that timers resume, so Neovim handles everything in between as it always does.
-- Exit status 0 when it comes to its end; else 1, with what was wrong and the screen on stderr.

local api = vim.api
local PATIENCE = 10000 -- milliseconds

local user = {}
local thread
local accounted = {}

-- Wait for the client of asyncio-lsp and return it; its process is told on stdout, for who checks that it ends.
function user.client()
  local client = user.till('asyncio-lsp has registered its hover', function()
    assert(user.log() == '', 'the server complains')
    local found = vim.lsp.get_clients({ bufnr = 0, name = 'asyncio_lsp' })[1]
    return found and found:supports_method('textDocument/hover', 0) and found
  end)
  for _, process in ipairs(user.servers()) do
    io.stdout:write(process, '\n')
  end
  return client
end

-- The ids of the processes that Neovim has started and that still run.
function user.servers()
  return api.nvim_get_proc_children(vim.fn.getpid())
end

-- Type keys, written as in mappings.
function user.type(keys)
  api.nvim_input(keys)
  user.wait(10)
end

-- Put the cursor on the beginning of the first text that matches a Vim pattern.
function user.go_to(pattern)
  vim.fn.cursor(1, 1)
  assert(vim.fn.search(pattern, 'c') > 0, 'not in the program: ' .. pattern)
end

-- Wait until `condition()` is true, and return what it returned.
function user.till(what, condition)
  local deadline = vim.uv.now() + PATIENCE
  while true do
    local found = condition()
    if found then
      return found
    end
    assert(vim.uv.now() < deadline, 'it never came to this: ' .. what)
    user.wait(10)
  end
end

-- Let Neovim work.
function user.wait(milliseconds)
  vim.defer_fn(function()
    coroutine.resume(thread)
  end, milliseconds)
  coroutine.yield()
end

-- Wait for a floating window that shows texts; return the rows of the screen that it covers, and its buffer.
-- The window is there before the screen shows it, and shows Markdown as it is written before it hides the marks.
function user.float(...)
  local texts = { ... }
  return unpack(user.till('a floating window shows ' .. table.concat(texts, ' and '), function()
    local window = user.floats()[1]
    if not window then
      return false
    end
    local shown, buffer = user.screen(window), api.nvim_win_get_buf(window)
    local ready = vim.bo[buffer].filetype ~= 'markdown' or not shown:find('`')
    return ready and vim.iter(texts):all(function(text)
      return shown:find(text, 1, true)
    end) and { shown, buffer }
  end))
end

-- The windows that float.
function user.floats()
  return vim.tbl_filter(function(window)
    return api.nvim_win_get_config(window).relative ~= ''
  end, api.nvim_list_wins())
end

-- Wait until the completion menu shows a label, and not another; return what it shows, by label.
-- Without the other one, keys may be typed before the menu has followed the last ones.
function user.menu(label, other)
  return user.till('the menu shows ' .. label, function()
    local offers = {}
    for _, item in ipairs(vim.fn.pumvisible() == 1 and vim.fn.complete_info({ 'matches' }).matches or {}) do
      offers[item.abbr] = item
    end
    return offers[label] and not offers[other] and offers
  end)
end

-- What the screen shows, or the part of it that a window covers, one line for each row.
function user.screen(window)
  vim.cmd('redraw!')
  local top, left, height, width = 0, 0, vim.o.lines, vim.o.columns
  if window then
    top, left = unpack(api.nvim_win_get_position(window))
    height, width = api.nvim_win_get_height(window), api.nvim_win_get_width(window)
  end
  local rows = {}
  for row = top + 1, top + height do
    local cells = {}
    for column = left + 1, left + width do
      table.insert(cells, vim.fn.screenstring(row, column))
    end
    table.insert(rows, (table.concat(cells):gsub('%s+$', '')))
  end
  return table.concat(rows, '\n')
end

-- Wait for a message that says something, and forget all messages.
function user.told(text)
  user.till('Neovim says: ' .. text, function()
    return vim.fn.execute('messages'):find(text, 1, true)
  end)
  vim.cmd('messages clear')
end

-- Wait for a line in the log of Neovim's LSP client, where the stderr of servers goes too.
-- Lines that no scenario has waited for are a failure.
function user.logged(text)
  table.insert(accounted, text)
  user.till('the log says: ' .. text, function()
    return user.log(true):find(text, 1, true)
  end)
end

-- The lines of the log that nobody has waited for, or all.
function user.log(all)
  local path = vim.lsp.get_log_path()
  local lines = vim.uv.fs_stat(path) and vim.fn.readfile(path) or {}
  return table.concat(
    vim.tbl_filter(function(line)
      local known = line:find('[START]', 1, true) ~= nil
      for _, text in ipairs(accounted) do
        known = known or line:find(text, 1, true) ~= nil
      end
      return all or not known
    end, lines),
    '\n'
  )
end

local function play()
  dofile(vim.g.scenario)(user)
  assert(user.log() == '', 'in the log: ' .. user.log())
  vim.cmd('qall!')
end

thread = coroutine.create(function()
  local ok, problem = xpcall(play, debug.traceback)
  if not ok then
    local screen, messages, log = user.screen(), vim.fn.execute('messages'), user.log(true)
    local parts = { problem, 'The screen:', screen, 'The messages:', messages, 'The log:', log }
    io.stderr:write('\n', table.concat(parts, '\n\n'), '\n')
    vim.cmd('cquit 1')
  end
end)
vim.schedule(function()
  coroutine.resume(thread)
end)
