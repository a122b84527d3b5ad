/** The panel's entry: draws the app into its page. */
import { render } from 'preact';
import '../docs-site/src/styles/tokens.css';
import './styles/base.css';
import { App } from './app.tsx';

const place = document.getElementById('panel');
if (place !== null) render(<App />, place);
