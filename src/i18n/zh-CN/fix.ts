import type { FixTexts } from '../catalogue.ts';

function alsoLeft(notListed: number): string {
  return notListed === 0 ? '' : `，另有 ${notListed} 个同类问题未列出`;
}

export const fix: FixTexts = {
  dropInHead: (version, undo) => `由 daruma ${version} 写入${undo === null ? '' : `；运行“${undo}”可撤销`}。`,
  commands: '然后运行',
  mode: octal => `权限改为 ${octal}`,
  preventedHeading: '写了也不生效，因此不写',
  prevented: (setting, unit, by) =>
    by === undefined ? `${unit} 的 ${setting}：systemd 不接受` : `${unit} 的 ${setting}：最终以 ${by} 为准`,
  leftOutHeading: '无法写入，因此略过',
  obstacles: {
    'name-too-long': path => `${path} 的名称超过文件名的长度上限`,
    'too-large': path => `${path} 太大，无法逐行处理`,
    'leads-out': path => `${path} 通向所查看的范围之外`,
    'not-writable': path => `${path} 没有指向可以写入的位置`,
    'not-yours': path => `${path} 经由链接通向另一个用户的目录`,
    'not-permitted': path => `没有写入或更改 ${path} 的权限`,
    'not-readable': path => `没有读取 ${path} 的权限`,
    'not-a-file': path => `${path} 是目录、管道或设备`,
  },
  broughtHeading: '这次改动会带来或改变的',
  leftHeading: '需要你来处理',
  onRequestHeading: '保持现状，需要时可让 daruma 处理',
  summary: (settles, leaves, changed, notListed) => {
    const rest = `${changed === 0 ? '' : `（其中 ${changed} 个与之前有所不同）`}${alsoLeft(notListed)}。`;
    if (settles === 0) return `剩余 ${leaves} 个问题${rest}`;
    return `这样会解决 ${settles} 个问题，${leaves === 0 ? '没有剩余' : `剩余 ${leaves} 个`}${rest}`;
  },
  leaves: (count, notListed) => `剩余 ${count} 个问题${alsoLeft(notListed)}。`,
  alreadyIn: folder => `${folder} 中已经都有了。`,
  nothingToDo: '没有 daruma 可以自行修复的问题。',
  offer: (command, isStarting) =>
    `运行“${command}”查看 daruma 会${isStarting ? '修改和启动' : '修改'}什么；执行前会先询问。`,
  question: '要执行吗？',
  yesOrNo: '（y 执行，回车取消）',
  cannotAsk: '这里没有人可以确认是否继续',
  unread: '什么也没有做：计划没能显示出来，所以没有人可以同意它',
  useYes: '加上 --yes 直接执行，或用 --dry-run 只看计划',
  interruptedAsking: '已中断，没有做任何更改',
  nothingDone: '没有改动任何内容。',
  done: (undo, isWhole) =>
    `${isWhole ? '已完成。' : '只完成了一部分。'}${undo === null ? '其中没有可撤销的内容。' : `运行“${undo}”可撤销。`}`,
  needsRoot: '系统服务的 drop-in 归 root 所有',
  asRoot: '请用 sudo 再次运行，或用 --dry-run 只看计划',
  notStarted: units =>
    `没有运行，这次也不会启动：${units}。加上 --restart，daruma 会启动它们；也可以手动执行：`,
  restartIt: unit => `${unit} 已在运行，但来自以前的同名 unit。要让它按新文件运行，请执行：`,
  startIt: unit => `${unit} 还没有运行。启动命令：`,
  madeAndLeft: units => `由这次修改新建，后来被改过，所以保留：${units}。要去掉它：`,
  planning: seconds =>
    `正在检查服务，以及每项修改对它们的影响${seconds === undefined ? '' : `，${seconds} 秒`}……`,
  carryingOut: seconds => `正在执行${seconds === undefined ? '' : `，${seconds} 秒`}……`,
  restarting: (units, seconds) => `正在重启 ${units}${seconds === undefined ? '' : `，${seconds} 秒`}……`,
  awaitingManager: seconds =>
    `linger 已开启，正在等待管理器启动${seconds === undefined ? '' : `，${seconds} 秒`}……`,
  lookingAtStarted: (units, seconds) =>
    `正在观察是否一直运行，最多一分钟：${units}${seconds === undefined ? '' : `，${seconds} 秒`}……`,
  untilItListens: (unit, port) => `${unit}（还没有监听端口 ${port}）`,
  startedAndRun: (units, seconds) => `已启动，${seconds} 秒来一直在运行：${units}`,
  startedAndDown: units => `已启动，但又倒下或没有运行，问题没有解决：${units}。查看日志：`,
  triedForEver: (unit, seconds) =>
    `${unit} 最近每次启动后都在 ${seconds} 秒内结束。去掉启动次数限制后，systemd 会一直重试；在原因解决之前，它也会一直结束。原因可看日志：`,
  held: (verb, unit, stops, startsStopped) => {
    const harm = [
      ...(stops === '' ? [] : [`停止正在运行的 ${stops}`]),
      ...(startsStopped === '' ? [] : [`启动可能被人停止的 ${startsStopped}`]),
    ].join('，并');
    return `没有${verb === 'start' ? '启动' : '重启'} ${unit}：这样做还会${harm}。如果确实需要，请运行：`;
  },
  notRestarted: (units, command) =>
    `${units}：其中一部分要到重启后才生效，而重启会中断服务。加上 --restart，或在合适的时候运行“${command}”。`,
  restarted: (units, seconds) => `已重启，${seconds} 秒来一直在运行：${units}`,
  restartedAndDown: (units, undo) =>
    `已重启，但又倒下或没有运行，问题没有解决：${units}。“${undo}”可撤销这次改动。查看日志：`,
  refused: (command, said) => `没有做成（${said}）。请自行运行：${command}`,
  noLongerLoaded: loadState => `改动后 systemd 无法再加载它（LoadState=${loadState}）`,
  hooksAgain: command => `通知的钩子重新生效；移除：“${command}”`,
  unloadable: units => `${units}：恢复之后 systemd 无法再加载，也就无法启动`,
  failedAndTakenBack: (at, cause) => `${at}：${cause}；一切已恢复原样`,
  failed: (at, cause) => `${at}：${cause}；未能全部恢复`,
  undoHint: command => `排除原因后运行“${command}”`,
  stillInterrupted: (id, isUndo) =>
    `${isUndo ? '对' : ''}修复 ${id} ${isUndo ? '的撤销' : ''}曾被中断，要先处理它；没有做任何改动`,
  underWay: (id, pid, since) =>
    `进程 ${pid} 自 ${since} 起正在执行修复 ${id}；没有做任何改动，等它结束后再试`,
  underWaySomewhere: '另一个 daruma 正在改动同一批文件；没有做任何改动，等它结束后再试',
  damagedRecord: file => `${file} 不是修复记录，或者已经损坏`,
  recordOfAnother: (file, uid) => `${file} 属于用户 ${uid}，不会替该用户执行其中的内容`,
  undoAsThem: (uid, undo) => `请以该用户的身份撤销：sudo -u '#${uid}' ${undo}`,
  recordLeadsOut: (file, path) => `${file} 涉及 ${path}，而它不属于所查看的系统`,
  recordFromThere: id => `修复 ${id} 的记录来自所查看的系统，涉及以下文件：`,
  unwritableLink: file => `${file} 是符号链接，没有指向可以写入的文件；没有做任何改动`,
  leadsOut: file => `${file} 通向所查看的系统之外；没有做任何改动`,
  moveAway: '把它移走即可继续',
  changedMeanwhile: file => `计划做好之后 ${file} 又被改动过；没有做任何改动`,
  planAgain: '请再次运行，重新生成计划',
  noStateFolder: '没有可以存放记录的主目录',
  unitsOnly: '一次只处理同一台机器的 unit：写 unit 名，或用 --root DIR 指定解包的系统',
  noManagerReads: folder =>
    `不知道有哪个管理器会读取 ${folder} 里的 unit，所以不在那里写任何东西：请写 unit 名，或用 --home DIR 指定主目录，或用 --root DIR 指定解包的系统`,
  partOfHome: (folder, command) =>
    `${folder} 里的 unit 由“${command}”来修；只修其中几个时，在后面写上它们的名字`,
  wrote: file => `已写入 ${file}`,
  notWritten: (file, cause) => `无法写入 ${file}：${cause}`,
  unknownService: service => `不知道怎样运行“${service}”`,
  knownServices: ids => `已知的有 ${ids}；其他程序请在 -- 之后写出命令`,
  notInstalled: program => `在程序通常所在的目录里找不到 ${program}`,
  giveCommand: service => `请写出它的位置：daruma new ${service} -- COMMAND`,
  nothingFor: word => `这台机器上找不到 ${word} 应该是什么`,
  severalFor: (word, candidates) => `${word} 有多种可能：${candidates}`,
  fileToCome: (service, file) => `${service} 需要 ${file}，但它还不存在`,
  alreadyThere: file => `已有同名的 unit：${file}`,
  fixInstead: command => `可运行 ${command}`,
  interrupted: (id, isUndo, whatNow) =>
    `${isUndo ? '对' : ''}修复 ${id} ${isUndo ? '的撤销' : ''}曾被中断：每个文件都是完整的旧版或新版；${whatNow}`,
  finishOrTakeBack: (finish, takeBack, isUndo) =>
    isUndo
      ? `“${takeBack}”可完成撤销，“${finish}”会重新执行这次修复`
      : `“${finish}”可继续完成，“${takeBack}”可撤销`,
  nothingInterrupted: '没有被中断的修复。',
  nothingToUndo: '没有可撤销的修复。',
  unknownFix: id => `没有编号为 ${id} 的修复`,
  laterFixStands: (id, laterId, file) => `修复 ${id} 之后，修复 ${laterId} 又改动过 ${file}；没有做任何改动`,
  comesFirst: command => `请先运行“${command}”`,
  undoneAlready: id => `修复 ${id} 已经撤销过了。`,
  nothingInIt: id => `修复 ${id} 没有可撤销的改动。`,
  onlyRestarted: (id, units) => `修复 ${id} 只重启了 ${units}，没有可撤销的内容。`,
  goOnBefore: command => `运行“${command}”可撤销它之前的修复。`,
  undone: (id, files) =>
    files === 0 ? `修复 ${id} 已撤销。` : `修复 ${id} 已撤销：${files} 个文件恢复原样。`,
  foreseen: {
    undo: id => `修复 ${id} 将会撤销：`,
    restored: file => `${file} 将恢复原样。`,
    removed: file => `${file} 将被删除。`,
    edited: file => `${file} 之后被改动过：这些改动会保留，修复写入的内容会去掉。`,
    commands: '会运行',
  },
  undoneInEdited: id => `修复 ${id} 已撤销：`,
  notUndone: id => `修复 ${id} 没有任何部分被撤销：`,
  partlyUndone: id => `修复 ${id} 只撤销了一部分：`,
  restored: file => `${file} 已恢复原样。`,
  editedSince: file => `${file} 之后被改动过：这些改动保留，修复写入的内容已去掉。`,
  masked: file =>
    `${file} 已恢复原样，但没有恢复 setuid、setgid 和 sticky 位：daruma 不会设置这些位，如有需要请自行设置。`,
  untouched: file => `${file} 之后被改动过，保持现状。`,
  gone: file => `${file} 已经不存在，保持现状。`,
  needed: (file, by) => `${file} 也保持现状：${by} 还要用到它。`,
  runsOn: {
    'without-file': units =>
      `没有停止，但已没有 unit 文件：${units}。设置随文件一起消失：不会再被重启，停止时也不会运行 ExecStop=。要停止它，请运行：`,
    'with-settings': units => `没有重启，重启之前沿用已撤销的设置：${units}。可在合适的时候运行：`,
    'was-down': units => `修复之前没有运行，由修复启动，撤销不会停止它：${units}。要停止它，请运行：`,
    'later-run': units =>
      `修复之前没有运行；现在的运行由 systemd 或其他人在修复之后启动，因此保持运行：${units}。`,
  },
  lingerOffAgain: user =>
    `用户 ${user} 的 linger 已重新关闭：该用户没有会话时，用户管理器会停止，所有服务也随之停止。`,
  firstOf: (names, more) => (more === 0 ? names : `${names} 及另外 ${more} 个`),
  work: {
    'units-made': names => `新建：${names}`,
    enabled: names => `启用：${names}`,
    disabled: names => `取消启用：${names}`,
    restarted: names => `重启：${names}`,
    started: names => `启动：${names}`,
    permissions: names => `权限：${names}`,
    'other-files': names => `文件：${names}`,
    'hooks-added': '装上通知钩子',
    'hooks-removed': '移除通知钩子',
    lingering: user => `为 ${user} 开启 linger`,
  },
  phases: {
    begun: '被中断',
    'undo-begun': '撤销被中断',
    done: '已完成',
    undone: '已撤销',
    'partly-undone': '已尽可能撤销',
  },
  listedOfAnother: uid => `属于用户 ${uid}`,
  listedRefused: '不能从这里撤销',
};
