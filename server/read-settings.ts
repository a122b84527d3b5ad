/** Reads the settings from the environment. */
import type { Setting } from './setting-kinds.ts';
import { SETTINGS, type SettingValues } from './settings.ts';

/** An invalid setting, described by a sentence that names it. The value is not repeated: it may be a secret. */
export class ConfigError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ConfigError';
  }
}

/** Reads all settings. Throws a {@link ConfigError}. An empty variable counts as unset. */
export function readSettings(env: Readonly<Record<string, string | undefined>>): SettingValues {
  const values = Object.fromEntries(
    Object.entries(SETTINGS).map(([name, setting]) => [
      toCamelCase(name),
      readSetting(name, setting, env[name]),
    ]),
  );
  if (!hasAll(values)) throw new Error('a setting was not read');
  return values;
}

function readSetting(name: string, setting: Setting<unknown>, given = ''): unknown {
  const text = given === '' ? setting.default : given;
  if (text === undefined) return undefined;
  const value = setting.read(text);
  if (value === undefined) {
    throw new ConfigError(`${name} is not valid. ${setting.description}`);
  }
  const { minimum, maximum } = setting.bounds ?? { minimum: -Infinity, maximum: Infinity };
  if (typeof value === 'number' && (value < minimum || value > maximum)) {
    throw new ConfigError(`${name} is ${value}; it may be from ${minimum} to ${maximum}.`);
  }
  return value;
}

function hasAll(values: object): values is SettingValues {
  return Object.keys(SETTINGS).every((name) => toCamelCase(name) in values);
}

function toCamelCase(name: string): string {
  return name
    .toLowerCase()
    .replaceAll(/_([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase());
}
