import { defineConfig } from 'vitest/config';

// `base` is relative because the API serves this page under its stage: /{stage}/ and /{stage}/assets/.
// The Content-Security-Policy forbids inline scripts, so nothing is inlined. SLO_API is a deployed API for `dev`.
export default defineConfig({
  base: './',
  build: { target: 'es2022', assetsInlineLimit: 0, modulePreload: false, reportCompressedSize: false },
  server: { proxy: process.env.SLO_API ? { '/api': { target: process.env.SLO_API, changeOrigin: true } } : {} },
  test: { testTimeout: 60_000, hookTimeout: 60_000 }, // no test fails because a machine is busy
});
