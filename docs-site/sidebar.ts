/** The sidebar: guides by folder; commands, examples and reference pages from their declarations. */
import type { StarlightUserConfig } from '@astrojs/starlight/types';
import { openAPISidebarGroups } from 'starlight-openapi';
import { NAMESPACES } from '../olin/index.ts';
import { GROUPS } from '../examples/types.ts';
import { COMMAND_GROUPS, COMMANDS } from './facts/commands.ts';
import { EXAMPLES } from './facts/examples.ts';

type Sidebar = NonNullable<StarlightUserConfig['sidebar']>;

export function buildSidebar(): Sidebar {
  return [
    { label: 'Start here', items: [{ autogenerate: { directory: 'start' } }] },
    { label: 'Writing a handler', items: [{ autogenerate: { directory: 'handlers' } }] },
    {
      label: 'Command line',
      items: [{ autogenerate: { directory: 'command' } }, ...commands()],
    },
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

/** Commands of one word, then the groups of commands with the same first word. */
function commands(): Sidebar {
  const link = ({ name, link: to }: (typeof COMMANDS)[number]) => ({ label: name, link: to });
  return [
    {
      label: 'Commands',
      collapsed: true,
      items: [
        ...COMMANDS.filter(({ group }) => group === undefined).map(link),
        ...COMMAND_GROUPS.map(({ word }) => ({
          label: word,
          collapsed: true,
          items: COMMANDS.filter(({ group }) => group === word).map(link),
        })),
      ],
    },
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
