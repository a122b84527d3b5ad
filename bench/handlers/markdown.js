// Renders a page of Markdown (3 KB) to HTML.
const section = (i) => `## Section ${i}

A paragraph with *emphasis*, **strong text**, \`code\` and a [link](https://example.com/${i}).
It has <angle brackets> & ampersands, which are escaped.

- first item
- second item with **strong text**
- third item

\`\`\`
const answer = ${i} < 42;
\`\`\`
`;
const page = `# A page\n\n${Array.from({ length: 10 }, (_, i) => section(i)).join('\n')}`;

const escape = (text) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const inline = (text) =>
  escape(text)
    .replace(/`([^`]+)`/g, '<code>$1</code>')
    .replace(/\*\*([^*]+)\*\*/g, '<strong>$1</strong>')
    .replace(/\*([^*]+)\*/g, '<em>$1</em>')
    .replace(/\[([^\]]+)\]\(([^)]+)\)/g, '<a href="$2">$1</a>');

function block(text) {
  const heading = /^(#{1,6}) (.*)$/.exec(text);
  if (heading !== null) {
    const [, marks, title] = heading;
    return `<h${marks.length}>${inline(title)}</h${marks.length}>`;
  }
  const code = /^```\n([\s\S]*)\n```$/.exec(text);
  if (code !== null) return `<pre><code>${escape(code[1])}</code></pre>`;
  if (text.startsWith('- ')) {
    const items = text.split('\n').map((line) => `<li>${inline(line.slice(2))}</li>`);
    return `<ul>\n${items.join('\n')}\n</ul>`;
  }
  return `<p>${inline(text)}</p>`;
}

export default {
  async fetch() {
    const blocks = page.trim().split(/\n\n+/);
    const headers = { 'content-type': 'text/html; charset=utf-8' };
    return new Response(`${blocks.map(block).join('\n')}\n`, { headers });
  },
};
