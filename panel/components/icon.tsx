/** The panel's icons, in the colour of the surrounding text. */

const PATHS = {
  check: 'M3 8.5l3.5 3.5L13 4.5',
  chevron: 'M6 3.5L10.500 8L6 12.500',
  copy: 'M5.500 5.500v-3h8v8h-3M2.500 5.500h8v8h-8z',
  pause: 'M5.500 3v10M10.500 3v10',
  play: 'M4.500 2.500l8 5.500-8 5.500z',
  plus: 'M8 3v10M3 8h10',
  user: 'M8 8.500a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM2.500 14c.6-2.600 2.800-4 5.500-4s4.900 1.400 5.500 4',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg
      viewBox="0 0 16 16"
      width="16"
      height="16"
      fill="none"
      stroke="currentColor"
      stroke-width="1.5"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
