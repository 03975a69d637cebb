import { defineConfig } from 'vite';

// `base` is relative because the API, and this page with it, lives under a stage: /{stage}/ and /{stage}/assets/.
// The Content-Security-Policy allows no inline script, so nothing may be inlined; SLO_API is a deployed API for `dev`.
export default defineConfig({
  base: './',
  build: { target: 'es2022', assetsInlineLimit: 0, modulePreload: false, reportCompressedSize: false },
  server: { proxy: process.env.SLO_API ? { '/api': { target: process.env.SLO_API, changeOrigin: true } } : {} },
});
