// Fails the build if the files in dist, each compressed, exceed the size budget.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const BUDGET_BYTES = 120 * 1024;
const dist = new URL('../dist', import.meta.url).pathname;

const files = readdirSync(dist, { withFileTypes: true, recursive: true }).filter((entry) => entry.isFile());
const sizes = files.map((entry) => gzipSync(readFileSync(join(entry.parentPath ?? entry.path, entry.name))).length);
const total = sizes.reduce((sum, size) => sum + size, 0);
const kilobytes = (bytes) => `${(bytes / 1024).toFixed(1)} KB`;

process.stdout.write(`dist: ${files.length} files, ${kilobytes(total)} compressed of ${kilobytes(BUDGET_BYTES)}\n`);
if (total > BUDGET_BYTES) {
  process.stderr.write('The page has grown over its budget: see what grew, or leave it out.\n');
  process.exit(1);
}
