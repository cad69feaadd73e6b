---@brief
---
--- asyncio documentation where the cursor is: hover, signature help and completion.
--- It runs beside a full Python server and says nothing outside asyncio.
---
--- Enable it with `vim.lsp.enable('asyncio_lsp')`; README.md beside this folder says more.

---@type vim.lsp.Config
return {
  cmd = { 'asyncio-lsp' },
  filetypes = { 'python' },
  root_markers = { 'pyproject.toml', 'setup.cfg', 'setup.py', '.python-version', '.git' },
  settings = {
    ['asyncio-lsp'] = vim.empty_dict(),
  },
}
