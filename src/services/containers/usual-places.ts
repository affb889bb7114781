/** Containers that no service names: compose projects and quadlets in the places where people keep them. */
import path from 'node:path';
import type { OwnFiles } from '../own-files.ts';
import { readComposeProject } from './compose-project.ts';
import type { StartedContainers } from './of-program.ts';
import { readQuadlet } from './quadlet.ts';

export function containersAround(home: string, files: OwnFiles): StartedContainers {
  const inDocker = below(`${home}/docker`, files);
  const folders = [home, `${home}/litellm`, `${home}/docker`, ...inDocker, '/opt/litellm', '/srv/litellm'];
  const projects = folders.flatMap(directory => {
    const known = new Map([
      ['HOME', home],
      ['PWD', directory],
    ]);
    const place = {
      directory,
      files: [],
      environmentFiles: [],
      project: undefined,
      home,
      variable: (name: string) => known.get(name),
    };
    return readComposeProject(place, files) ?? [];
  });
  const quadlets = `${home}/.config/containers/systemd`;
  const ofQuadlets = below(quadlets, files)
    .filter(file => file.endsWith('.container'))
    .flatMap(file => readQuadlet(file, home, files) ?? []);
  return {
    containers: [...projects.flatMap(({ containers }) => containers), ...ofQuadlets],
    problems: projects.flatMap(({ problems }) => problems),
  };
}

/** What is in a folder, without hidden files. */
function below(folder: string, files: OwnFiles): readonly string[] {
  return (files.list(folder) ?? [])
    .filter(name => !name.startsWith('.'))
    .toSorted()
    .slice(0, mostEntries)
    .map(name => path.posix.join(folder, name));
}

/** Nobody keeps more projects in one folder. */
const mostEntries = 200;
