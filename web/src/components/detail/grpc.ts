/** gRPC statuses, which the API writes as `grpc:14` (https://grpc.io/docs/guides/status-codes/). */

const PREFIX = 'grpc:';

const NAMES: readonly string[] = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
];

/** Errors of the server, as `slo.counting.codes` has them. UNKNOWN is none: Traefik writes it for successful calls, too. */
const ERRORS: ReadonlySet<number> = new Set([4, 12, 13, 14, 15]);

export function isGrpc(code: string): boolean {
  return code.startsWith(PREFIX);
}

/** `gRPC 14 UNAVAILABLE` for `grpc:14`; other codes as they are. */
export function codeLabel(code: string): string {
  if (!isGrpc(code)) return code;
  const number = numberOf(code);
  return ['gRPC', number, NAMES[number]].filter((part) => part !== undefined).join(' ');
}

export function grpcTone(code: string): string {
  const number = numberOf(code);
  if (ERRORS.has(number)) return 'critical';
  return number === 0 ? 'healthy' : number === 2 ? 'plain' : 'warning';
}

function numberOf(code: string): number {
  return Number(code.slice(PREFIX.length));
}
