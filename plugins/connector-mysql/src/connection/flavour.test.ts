import { expect, it } from 'vitest';
import { flavourOf } from './flavour.js';

it.each([
  ['8.0.36', 'MySQL Community Server - GPL', 'MySQL', 80_036, false],
  ['5.7.44-log', 'MySQL Community Server (GPL)', 'MySQL', 50_744, false],
  ['5.6.51', 'MySQL Community Server (GPL)', 'MySQL', 50_651, true],
  ['10.11.6-MariaDB-0+deb12u1', 'Debian 12', 'MariaDB', 101_106, false],
  ['5.5.5-10.4.32-MariaDB', 'mariadb.org binary distribution', 'MariaDB', 100_432, false],
  ['5.5.68-MariaDB', 'MariaDB Server', 'MariaDB', 50_568, true],
  ['8.0.11-TiDB-v7.5.1', 'TiDB Server (Apache License 2.0)', 'TiDB', 80_011, false],
  ['5.7.25-OceanBase-v4.2.1.8', 'OceanBase 4.2.1.8', 'OceanBase', 50_725, false],
])('tells what %s (%s) is', (version, comment, family, number, tooOld) => {
  expect(flavourOf(version, comment)).toMatchObject({ family, number, tooOld });
});

it('limits a statement in the words of each family', () => {
  const limits = ['8.0.36', '10.11.6-MariaDB', '5.7.25-OceanBase'].map((version) =>
    flavourOf(version, '').statementLimit(1500),
  );
  expect(limits).toEqual([
    'max_execution_time = 1500',
    'max_statement_time = 1.5',
    'ob_query_timeout = 1500000',
  ]);
});
