// Fails the build if what the page loads at its start, or what it may load later, exceeds its size budget. Compressed.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const BUDGET_BYTES = 120 * 1024;
/** The dialogs with all of their texts in three languages, so that the start stays small; and what the API says. */
const LATER_BYTES = 34 * 1024;
const dist = new URL('../dist', import.meta.url).pathname;

const files = readdirSync(dist, { withFileTypes: true, recursive: true }).filter((entry) => entry.isFile());
const page = readFileSync(join(dist, 'index.html'), 'utf8');
const isFirst = ({ name }) => name === 'index.html' || page.includes(name);
const size = (entry) => gzipSync(readFileSync(join(entry.parentPath ?? entry.path, entry.name))).length;
const kilobytes = (bytes) => `${(bytes / 1024).toFixed(1)} KB`;
const check = (what, some, budget) => {
  const total = some.reduce((sum, entry) => sum + size(entry), 0);
  process.stdout.write(`${what}: ${some.length} files, ${kilobytes(total)} compressed of ${kilobytes(budget)}\n`);
  if (total > budget) {
    process.stderr.write('The page has grown over its budget: see what grew, or leave it out.\n');
    process.exitCode = 1;
  }
};

check('at the start', files.filter(isFirst), BUDGET_BYTES);
check(
  'later',
  files.filter((entry) => !isFirst(entry)),
  LATER_BYTES,
);
