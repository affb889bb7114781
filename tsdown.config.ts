import { defineConfig } from 'tsdown';

export default defineConfig({
  entry: {
    'cli/main': 'src/cli/main.ts',
    'systemd/index': 'src/systemd/index.ts',
    'restart/index': 'src/restart/index.ts',
  },
  format: 'esm',
  platform: 'node',
  target: 'node24',
  dts: true,
  fixedExtension: false,
});
