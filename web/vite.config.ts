import { readFileSync } from 'node:fs';
import { defineConfig, type Plugin } from 'vite';

/** What the API says, each language on its own, which compresses better than rows of three. The module is the same. */
const sentences: Plugin = {
  name: 'sentences',
  transform(_, id) {
    if (!id.endsWith('/sentences.json')) return;
    const rows: Record<string, string>[] = JSON.parse(readFileSync(id, 'utf8'));
    const column = (name: string): string => `${JSON.stringify(rows.map((row) => row[name]).join('\n'))}.split('\\n')`;
    const rejoined = 'en.map((each, n) => ({ en: each, zh: zh[n], ja: ja[n] }))';
    const code = `const en = ${column('en')}, zh = ${column('zh')}, ja = ${column('ja')};\nexport default ${rejoined};`;
    return { code, map: null };
  },
};

// `base` is relative because the API serves this page under its stage: /{stage}/ and /{stage}/assets/.
// The Content-Security-Policy forbids inline scripts, so nothing is inlined. SLO_API is a deployed API for `dev`.
export default defineConfig({
  base: './',
  plugins: [sentences],
  build: { target: 'es2022', assetsInlineLimit: 0, modulePreload: false, reportCompressedSize: false },
  server: { proxy: process.env.SLO_API ? { '/api': { target: process.env.SLO_API, changeOrigin: true } } : {} },
});
