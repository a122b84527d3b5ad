import { Fragment } from 'preact';
import { GuestText } from '../components/text/guest-text.tsx';

export interface HeadersProps {
  /** Such as `Request headers`. */
  readonly title: string;
  readonly headers: readonly { readonly name: string; readonly value: string }[];
}

/** Shows headers, which are untrusted text from callers and guests. */
export function Headers({ title, headers }: HeadersProps) {
  if (headers.length === 0) return null;
  return (
    <section class="section">
      <h2>{title}</h2>
      <dl class="facts headers">
        {headers.map(({ name, value }, at) => (
          <Fragment key={at}>
            <dt>
              <GuestText text={name} />
            </dt>
            <dd class="mono">
              <GuestText text={value} />
            </dd>
          </Fragment>
        ))}
      </dl>
    </section>
  );
}
