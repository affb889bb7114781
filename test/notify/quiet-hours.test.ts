import { describe, expect, it } from 'vitest';
import { quietUntil } from '../../src/notify/quiet-hours.ts';

const at = (hours: number, minutes = 0, day = 10) => new Date(2026, 5, day, hours, minutes).getTime();
const night = { fromMinutes: 23 * 60, toMinutes: 7 * 60 + 30 };
const noon = { fromMinutes: 12 * 60, toMinutes: 13 * 60 };

describe('quiet hours', () => {
  it('over midnight end in the morning', () => {
    expect(quietUntil(night, at(22, 59))).toBeUndefined();
    expect(quietUntil(night, at(23))).toBe(at(7, 30, 11));
    expect(quietUntil(night, at(3))).toBe(at(7, 30));
    expect(quietUntil(night, at(7, 30))).toBeUndefined();
  });

  it('of a day begin and end on it', () => {
    expect(quietUntil(noon, at(11, 59))).toBeUndefined();
    expect(quietUntil(noon, at(12))).toBe(at(13));
    expect(quietUntil(noon, at(13))).toBeUndefined();
  });

  it('are none where they end as they begin', () => {
    expect(quietUntil({ fromMinutes: 60, toMinutes: 60 }, at(1))).toBeUndefined();
  });
});
