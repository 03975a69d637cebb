import { describe, expect, it } from 'vitest';
import { formatRoute, parseRoute, type Route } from '../src/state/route';

describe('an address', () => {
  const routes: [string, Route][] = [
    ['#/', { page: 'list', cluster: null, range: '1d', search: '', statuses: [], sort: 'worst' }],
    [
      '#/clusters/prod-eu?range=7d&q=%2Fapi&status=critical%2Cwarning&sort=name',
      {
        page: 'list',
        cluster: 'prod-eu',
        range: '7d',
        search: '/api',
        statuses: ['critical', 'warning'],
        sort: 'name',
      },
    ],
    [
      '#/clusters/prod-eu/domains/shop.example.com?range=30d&path=%2Fapi%2Fv2&from=1795000000&to=1795003600',
      {
        page: 'detail',
        cluster: 'prod-eu',
        domain: 'shop.example.com',
        path: '/api/v2',
        range: '30d',
        window: { from: 1795000000, to: 1795003600 },
      },
    ],
    [
      '#/clusters/prod-eu/domains/*',
      { page: 'detail', cluster: 'prod-eu', domain: '*', path: null, range: '1d', window: null },
    ],
    ['#/install', { page: 'install' }],
    ['#/notifications', { page: 'notifications' }],
    ['#/clusters/prod-eu/statement', { page: 'statement', cluster: 'prod-eu', month: null }],
    ['#/clusters/prod-eu/statement?month=2026-10', { page: 'statement', cluster: 'prod-eu', month: '2026-10' }],
    [
      '#/clusters/prod-eu/incidents',
      {
        page: 'incidents',
        cluster: 'prod-eu',
        filter: { statuses: [], kinds: [], severities: [], domain: null },
      },
    ],
    [
      '#/clusters/prod-eu/incidents?status=open%2Cacknowledged&kind=burn&severity=page&domain=shop.example.com',
      {
        page: 'incidents',
        cluster: 'prod-eu',
        filter: {
          statuses: ['open', 'acknowledged'],
          kinds: ['burn'],
          severities: ['page'],
          domain: 'shop.example.com',
        },
      },
    ],
    ['#/clusters/prod-eu/incidents/20261127T1-a', { page: 'incident', cluster: 'prod-eu', id: '20261127T1-a' }],
  ];

  it.each(routes)('%s is read and written', (hash, route) => {
    expect(parseRoute(hash)).toEqual(route);
    expect(formatRoute(route)).toBe(hash);
  });

  it('keeps paths and names with signs of their own', () => {
    const route: Route = {
      page: 'detail',
      cluster: 'c',
      domain: 'bücher.example',
      path: '/a b?c=d&e#f/%',
      range: '1d',
      window: null,
    };
    expect(parseRoute(formatRoute(route))).toEqual(route);
  });

  it('falls back where it makes no sense', () => {
    expect(parseRoute('')).toMatchObject({ page: 'list', cluster: null });
    expect(parseRoute('#/clusters/c?range=2y&sort=x&status=nice')).toMatchObject({
      range: '1d',
      sort: 'worst',
      statuses: [],
    });
    expect(parseRoute('#/clusters/c/domains/d?from=9&to=2')).toMatchObject({ window: null });
    expect(parseRoute('#/clusters/c/incidents?status=nice&kind=,&severity=page,x')).toMatchObject({
      filter: { statuses: [], kinds: [], severities: ['page'], domain: null },
    });
    expect(parseRoute('#/clusters/%E0%A4%A')).toMatchObject({ page: 'list' });
  });
});
