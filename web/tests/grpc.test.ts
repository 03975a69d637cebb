import { describe, expect, it } from 'vitest';
import { codeLabel, grpcTone, isGrpc } from '../src/components/detail/grpc';

describe('gRPC statuses', () => {
  it('have their names, and HTTP statuses stay numbers', () => {
    expect(codeLabel('grpc:14')).toBe('gRPC 14 UNAVAILABLE');
    expect(codeLabel('grpc:99')).toBe('gRPC 99');
    expect(codeLabel('503')).toBe('503');
    expect(isGrpc('14')).toBe(false);
  });

  it('are errors where the server failed', () => {
    const errors = Array.from({ length: 17 }, (_, number) => number).filter(
      (number) => grpcTone(`grpc:${number}`) === 'critical',
    );
    expect(errors).toEqual([4, 12, 13, 14, 15]);
    expect(grpcTone('grpc:0')).toBe('healthy');
  });
});
