// Draws images/icon.png from images/icon.svg.
import { readFileSync } from 'node:fs';
import { chromium } from 'playwright-core';

const images = new URL('../images/', import.meta.url).pathname;
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
const page = await browser.newPage({ viewport: { width: 128, height: 128 } });
await page.setContent(`<style>body{margin:0}svg{width:128px}</style>${readFileSync(`${images}icon.svg`, 'utf8')}`);
await page.screenshot({ path: `${images}icon.png`, omitBackground: true });
await browser.close();
