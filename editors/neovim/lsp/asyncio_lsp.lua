---@brief
---
--- asyncio documentation where the cursor is: hover, signature help and completion.
--- It runs beside a full Python server and is silent outside asyncio.
---
--- `vim.lsp.enable('asyncio_lsp')` starts it; ../README.md says more.

---@type vim.lsp.Config
return {
  cmd = { 'asyncio-lsp' },
  filetypes = { 'python' },
  -- In one list, so that the nearest counts: the server reads the project's Python version from them.
  root_markers = { { 'pyproject.toml', 'setup.cfg', 'setup.py' }, '.git' },
  settings = {
    -- Neovim would send `{}` as an empty list.
    ['asyncio-lsp'] = vim.empty_dict(),
  },
}
