import { isTimeInput } from '@opentelemetry/core';
import { isLinkContext, NO_NAME, text } from '../../otlp/mend-items.ts';
import { isOtlpTimeInput } from '../../otlp/otlp-time.ts';
import { isObject } from '../../values/is-object.ts';
import { read } from '../../values/read.ts';
import { isAttributeValue, readableAttributes, warn } from './guarded-method.ts';

// Each function returns a parameter that the SDK accepts; for one that it does not, after a warning.

/** Whether the SDK accepts it as a time although OTLP cannot encode it: NaN, an invalid `Date`, a year after 2554. */
export function isBadTime(value: unknown): boolean {
  return value !== undefined && isTimeInput(value) && !isOtlpTimeInput(value);
}

export function goodTime(value: unknown, method: string): unknown {
  if (!isBadTime(value)) return value;
  warn(method, 'the time is invalid, the current time is used');
  return undefined;
}

export function goodName(name: unknown, method: string): string {
  if (typeof name === 'string') return name;
  warn(method, 'the name must be a string');
  return text(name) ?? NO_NAME;
}

export function goodAttributes(attributes: unknown, method: string): unknown {
  return isObject(attributes) ? readableAttributes(attributes, method, isAttributeValue) : undefined;
}

export function goodLinks(links: readonly unknown[], method: string): object[] {
  return links.flatMap((link) => {
    const context = read(link, 'context');
    if (isLinkContext(context)) return [{ context, attributes: goodAttributes(read(link, 'attributes'), method) }];
    warn(method, 'a link has no valid span context, it is left out');
    return [];
  });
}
