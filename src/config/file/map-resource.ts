import type { Config, ResourceAttribute, ResourceDetector } from '../config.ts';
import { parsed, type Parsed, refused } from '../parse.ts';
import { parseAttributes } from '../parse-pairs.ts';
import { quote } from '../show-value.ts';
import type { Entry } from './entry.ts';
import { kindOf, toChoice, toText } from './values.ts';

type Attributes = Readonly<Record<string, ResourceAttribute>>;

/** The detectors of the file in terms of OTEL_NODE_RESOURCE_DETECTORS. */
const DETECTORS: Readonly<Record<string, readonly ResourceDetector[]>> = {
  host: ['host', 'os'],
  os: ['os'],
  process: ['process'],
  service: ['serviceinstance'],
  serviceinstance: ['serviceinstance'],
};

const TYPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  string: (value) => typeof value === 'string',
  bool: (value) => typeof value === 'boolean',
  int: Number.isInteger,
  double: (value) => typeof value === 'number',
};

/** `resource`. @param serviceName OTEL_SERVICE_NAME, which the schema lets the detector `service` read */
export function mapResource(entry: Entry, serviceName: string | undefined): Config['resource'] {
  entry.unsupported('schema_url', 'not supported, ignoring it');
  const list = entry.key('attributes_list').read(toAttributes, showAttributes);
  const attributes = { ...list, ...mapAttributes(entry.key('attributes')) };
  const detection = entry.key('detection/development');
  detection.unsupported('attributes', 'not supported, all attributes of the detectors are kept');
  // Without `env`, the SDK would leave out the attributes of the file.
  const detectors = new Set<ResourceDetector>(['env']);
  for (const item of detection.key('detectors').items()) {
    for (const [name, found] of Object.entries(DETECTORS)) {
      if (item.key(name).isPresent) for (const detector of found) detectors.add(detector);
    }
    for (const other of item.others()) other.warn('this resource detector is not supported, ignoring it');
  }
  const isDetected = detectors.has('serviceinstance') && !('service.name' in attributes);
  return { serviceName: isDetected ? serviceName : undefined, attributes, detectors: [...detectors] };
}

function mapAttributes(entry: Entry): Attributes {
  const attributes: Record<string, ResourceAttribute> = {};
  for (const item of entry.items()) {
    const name = item.key('name').read(toText, quote);
    const type = item.key('type').read(toChoice(ATTRIBUTE_TYPES)) ?? 'string';
    const value = item.key('value').read(toAttribute(type), JSON.stringify);
    if (name !== undefined && value !== undefined) attributes[name] = value;
  }
  for (const name of ['service.name', 'service.version']) {
    if (name in attributes && typeof attributes[name] !== 'string') entry.refuse(`${name}: expected the type string`);
  }
  return attributes;
}

const ATTRIBUTE_TYPES = [
  'string',
  'bool',
  'int',
  'double',
  'string_array',
  'bool_array',
  'int_array',
  'double_array',
] as const;

/** A number without quotes is refused as a string: YAML reads `1.10` as the number 1.1. */
function toAttribute(type: (typeof ATTRIBUTE_TYPES)[number]): (value: unknown) => Parsed<ResourceAttribute> {
  const isArray = type.endsWith('_array');
  const fits = TYPES[type.replace('_array', '')];
  return (value) => {
    const items: readonly unknown[] = isArray && Array.isArray(value) ? value : [value];
    if (isArray === Array.isArray(value) && items.every((item) => fits?.(item)) && isAttribute(value))
      return parsed(value);
    const hint = type === 'string' ? ', in quotes where it looks like something else' : '';
    return refused(`the type ${type}${hint}`, kindOf(value));
  };
}

function isAttribute(value: unknown): value is ResourceAttribute {
  return (Array.isArray(value) ? value : [value]).every((item) =>
    ['string', 'number', 'boolean'].includes(typeof item),
  );
}

function toAttributes(value: unknown): Parsed<Attributes> {
  if (typeof value !== 'string') return refused('key=value pairs', kindOf(value));
  return value.trim() === '' ? parsed({}) : parseAttributes(value);
}

function showAttributes(attributes: Attributes): string {
  return Object.entries(attributes)
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(', ');
}
