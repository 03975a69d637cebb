/** Errors of requests to the API. */
import type { FieldError, Problem } from './types';

/** Thrown when the API returns an error. `problem` says why. */
export class ApiError extends Error {
  readonly status: number;
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail || problem.title);
    this.name = 'ApiError';
    this.status = problem.status;
    this.problem = problem;
  }

  /** Messages by the name of the invalid field. */
  get fields(): ReadonlyMap<string, string> {
    return new Map((this.problem.errors ?? []).map((error: FieldError) => [error.field, error.message]));
  }
}

/** Thrown when there is no answer: the network or the API is down. */
export class OfflineError extends Error {
  constructor(cause: unknown) {
    super('no answer', { cause });
    this.name = 'OfflineError';
  }
}

/** The problem of an error response. API Gateway's own errors have a different shape. */
export async function problemOf(response: Response): Promise<Problem> {
  const body: unknown = await response.json().catch(() => null);
  if (isProblem(body)) return body;
  const message = isRecord(body) && typeof body.message === 'string' ? body.message : '';
  return { title: response.statusText, status: response.status, detail: message };
}

function isProblem(body: unknown): body is Problem {
  return isRecord(body) && typeof body.status === 'number' && typeof body.detail === 'string';
}

function isRecord(body: unknown): body is Record<string, unknown> {
  return typeof body === 'object' && body !== null;
}
