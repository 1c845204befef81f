import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { EndingsFigures } from '../../bench/endings/figures.ts';
import { endingsDocument } from '../../scripts/endings-table.ts';
import { ENDINGS } from '../support/endings.ts';

const figures: EndingsFigures = {
  measuredAt: '2026-11-22T12:00:00.000Z',
  machine: { node: 'v24.21.0', platform: 'linux 6.18 x64' },
  rounds: 3,
  boundMillis: 15_000,
  distributions: [
    { name: 'swansong', package: 'swansong', version: '1.2.3', api: '1.10.0', setUp: 'Its defaults.' },
    { name: 'other', package: '@other/node', version: '4.5.6', api: '1.9.1', setUp: '`loud: true`.' },
  ],
  endings: [
    {
      row: 1,
      ending: 'throw in a timer | immediate',
      programs: [
        {
          name: 'timer',
          errors: 1,
          ended: 1,
          open: 3,
          results: {
            swansong: { errors: 1, ended: 1, open: 3, changes: [] },
            other: { errors: 1, ended: 1, open: 0, changes: ['stderr −6'] },
          },
        },
        {
          name: 'immediate',
          errors: 1,
          ended: 1,
          open: 3,
          results: {
            swansong: { errors: 1, ended: 0, open: 3, changes: ['stderr +1'] },
            other: { errors: 0, ended: 1, open: 0, changes: ['hung'] },
          },
        },
      ],
    },
    {
      row: 22,
      ending: 'OTLP',
      programs: [
        {
          name: 'gzip',
          errors: 1,
          ended: 0,
          open: 0,
          results: {
            swansong: { errors: 1, ended: 0, open: 0, changes: [] },
            other: null,
          },
        },
      ],
    },
    {
      row: 23,
      ending: 'SIGTERM',
      programs: [
        {
          name: 'SIGTERM',
          errors: 0,
          ended: 1,
          open: 3,
          results: {
            swansong: { errors: 0, ended: 0, open: 0, changes: [] },
            other: { errors: 0, ended: 1, open: 0, changes: ['SIGTERM became exit code 143'] },
          },
        },
      ],
    },
  ],
};

/** A section of the sample's document, without its heading. */
function section(heading: string): string {
  const sections = endingsDocument(figures).split(/^##+ /m);
  const found = sections.find((text) => text.startsWith(`${heading}\n`));
  if (found === undefined) throw new Error(`the document has no section "${heading}"`);
  return found.slice(heading.length).trim();
}

describe('the document made from the figures', () => {
  it('contains when, with what and how often it was measured', () => {
    const text = endingsDocument(figures);
    expect(text).toContain('Each of 4 small programs ends in a different way');
    expect(text).toContain(
      'Measured on 2026-11-22 with Node v24.21.0 (linux 6.18 x64), 3 times each; the worst result counts.',
    );
    expect(section('Set-up')).toContain(
      [
        '| distribution | package       | version | `@opentelemetry/api` | set-up        |',
        '| ------------ | ------------- | ------- | -------------------- | ------------- |',
        '| swansong     | `swansong`    | 1.2.3   | 1.10.0               | Its defaults. |',
        '| other        | `@other/node` | 4.5.6   | 1.9.1                | `loud: true`. |',
      ].join('\n'),
    );
  });

  it('adds up what arrived in all programs of a row', () => {
    expect(section('What arrives')).toContain(
      [
        '| #   | ending                        | swansong                       | other                          |',
        '| --- | ----------------------------- | ------------------------------ | ------------------------------ |',
        '| 1   | throw in a timer \\| immediate | error 2/2, ended 1/2, open 6/6 | error 1/2, ended 2/2, open 0/6 |',
        '| 22  | OTLP                          | all                            | n/a                            |',
        '| 23  | SIGTERM                       | nothing                        | ended 1/1, open 0/3            |',
      ].join('\n'),
    );
  });

  it('contains in how many programs of a row nothing changed', () => {
    expect(section('What changes')).toContain(
      [
        '| #   | ending                        | swansong | other       |',
        '| --- | ----------------------------- | -------- | ----------- |',
        '| 1   | throw in a timer \\| immediate | 1/2      | 0/2, 1 hung |',
        '| 22  | OTLP                          | yes      | n/a         |',
        '| 23  | SIGTERM                       | yes      | 0/1         |',
      ].join('\n'),
    );
  });

  it('lists what swansong does not deliver, and where another distribution does better', () => {
    const missing = section('What swansong does not deliver');
    expect(missing).toContain('- Row 23: SIGTERM.');
    expect(missing).toContain('- Row 1, immediate: error 1/1, ended 0/1, open 3/3.');
    const better = section('What the others do better');
    expect(better.split('\n').filter((line) => line.startsWith('- other'))).toEqual([
      '- other, row 1, immediate: ended 1/1 (swansong 0/1); it changes: hung.',
      '- other, row 23, SIGTERM: ended 1/1 (swansong 0/1); it changes: SIGTERM became exit code 143.',
    ]);
  });

  it('lists for every program what arrived and what changed', () => {
    expect(section('1. throw in a timer | immediate')).toBe(
      [
        '| program   | swansong                                  | other                                     |',
        '| --------- | ----------------------------------------- | ----------------------------------------- |',
        '| timer     | all                                       | error 1/1, ended 1/1, open 0/3; stderr −6 |',
        '| immediate | error 1/1, ended 0/1, open 3/3; stderr +1 | error 0/1, ended 1/1, open 0/3; hung      |',
      ].join('\n'),
    );
  });

  it('lists nothing if no other distribution does better', () => {
    const [first] = figures.endings;
    if (first === undefined) throw new Error('the sample has no endings');
    const programs = first.programs.slice(0, 1);
    expect(endingsDocument({ ...figures, endings: [{ ...first, programs }] })).toContain('\nNone.\n');
  });
});

describe('docs/endings.md', () => {
  const document = readFileSync(new URL('../../docs/endings.md', import.meta.url), 'utf8');

  it.each(ENDINGS.map(({ row, ending }) => [row, ending]))('has row %i, %s', (row, ending) => {
    const lines = document.split('\n').map((line) => line.replaceAll(/ +/g, ' '));
    expect(lines.filter((line) => line.startsWith(`| ${row} | ${ending.replaceAll('|', '\\|')} |`))).toHaveLength(2);
  });

  it.each([23, 24, 25, 26])('has row %i', (row) => {
    expect(document.match(new RegExp(`^\\| ${row} +\\|`, 'gm'))).toHaveLength(2);
  });
});
