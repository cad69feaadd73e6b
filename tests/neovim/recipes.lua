-- A recipe is found by a word, written out with its import, and filled in from stop to stop.

return function(user)
  user.client()

  user.go_to('print(')
  user.type('oretr<C-x><C-o>')
  local offer = user.menu('asyncio: retry with backoff')['asyncio: retry with backoff']
  assert(offer.kind == 'Snippet', offer.kind)
  assert(offer.info:find('random.uniform', 1, true), offer.info)
  user.type('<C-n>')
  user.type('<C-y>')
  user.till('the recipe is written out', function()
    return vim.snippet.active() and vim.fn.search('random.uniform', 'nw') > 0
  end)
  for _, text in ipairs({ '1, 9', 'price', 'compare([], "")', 'TimeoutError' }) do
    user.type(text)
    user.type('<Tab>')
  end
  user.type('<Esc>')
  local written = table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, true), '\n')
  local expected = [[
    print(min(prices))
    for delay in (1, 9, None):
        try:
            price = await compare([], "")
            break
        except TimeoutError:
            if delay is None:
                raise
        await asyncio.sleep(delay * random.uniform(0.5, 1.5))
]]
  assert(written:find(expected, 1, true), written)
  assert(written:find('\nimport asyncio\nimport random\nfrom collections.abc', 1, true), written)

  -- An attribute, or a value, is no place for one.
  user.go_to('return float')
  user.type('Ovalue = retr<C-x><C-o>')
  user.wait(300)
  assert(vim.fn.pumvisible() == 0, user.screen())
  user.type('<C-e><Esc>')
end
