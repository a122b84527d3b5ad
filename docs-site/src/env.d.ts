/// <reference types="astro/client" />
// Starlight does not export the file that declares its part of Astro.locals.
import '../../node_modules/@astrojs/starlight/dist/global.d.ts';
