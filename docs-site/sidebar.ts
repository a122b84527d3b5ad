/** The sidebar: the guides by hand, the examples and the reference from what they are made of. */
import type { StarlightUserConfig } from '@astrojs/starlight/types';
import { openAPISidebarGroups } from 'starlight-openapi';
import { NAMESPACES } from '../olin/index.ts';
import { GROUPS } from '../examples/types.ts';
import { EXAMPLES } from './examples.ts';

type Sidebar = NonNullable<StarlightUserConfig['sidebar']>;

export function buildSidebar(): Sidebar {
  return [
    { label: 'Start here', items: [{ autogenerate: { directory: 'start' } }] },
    { label: 'Writing a handler', items: [{ autogenerate: { directory: 'handlers' } }] },
    { label: 'Calling a handler', items: [{ autogenerate: { directory: 'calling' } }] },
    { label: 'Examples', items: [{ label: 'All examples', link: '/examples/' }, ...examples()] },
    {
      label: 'Olin reference',
      items: [
        { label: 'Overview', link: '/reference/' },
        ...NAMESPACES.map(({ name }) => ({ label: name, link: `/reference/${name}/` })),
        { autogenerate: { directory: 'olin' } },
      ],
    },
    {
      label: 'Server',
      items: [
        { autogenerate: { directory: 'server' } },
        { label: 'Errors of the API', link: '/server/errors/' },
        ...openAPISidebarGroups,
      ],
    },
    { label: 'How it works', items: [{ autogenerate: { directory: 'about' } }] },
    { label: 'Contributing', items: [{ autogenerate: { directory: 'contributing' } }] },
  ];
}

function examples(): Sidebar {
  return GROUPS.map((group) => ({
    label: group,
    collapsed: true,
    items: EXAMPLES.filter((example) => example.group === group).map(({ title, name }) => ({
      label: title,
      link: `/examples/${name}/`,
    })),
  })).filter(({ items }) => items.length > 0);
}
