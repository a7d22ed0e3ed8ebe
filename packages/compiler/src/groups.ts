// Fusion: which nodes run in one loop nest. A node joins the kernel of its latest operand where every operand is
// computed before that kernel, or in it at the same point of the domain; else it opens a kernel of its own.
// What needs only feeds and constants waits for the first kernel that needs it.
// Kernels stay in the order in which they were opened, so no circle can arise.

import { CompileError, nodesOf, type Graph, type GraphNode, type NodeId } from "@wengert/tensor";
import { arithmetic } from "./loops/arithmetic.ts";
import { loopFor, placeOf, sameNumbers, stridesAlong, type LoopGroup } from "./places.ts";
import { isFold, sizesOf, type Sources } from "./sources.ts";
import { type View } from "./views.ts";

/** A node that is a kernel by itself. */
interface SingleGroup {
  readonly kind: "single";
  readonly position: number;
  readonly id: NodeId;
}

/** Nodes that run together. */
type Group = LoopGroup | SingleGroup;

/** The groups in order, and who is in which. */
export interface Grouping {
  readonly sources: Sources;
  readonly groups: readonly Group[];
  /** The group of every computed root. */
  readonly groupOf: ReadonlyMap<NodeId, Group>;
  /** Roots whose values other kernels need. */
  readonly stored: ReadonlySet<NodeId>;
}

interface State {
  readonly sources: Sources;
  readonly groups: Group[];
  readonly groupOf: Map<NodeId, Group>;
  readonly stored: Set<NodeId>;
  /** The last loop that reads a root. */
  readonly readers: Map<NodeId, LoopGroup>;
  /** Nodes of feeds and constants alone, which wait for the first loop that needs them. */
  readonly waiting: Set<NodeId>;
  /** Loops of such nodes that no other loop could take: they run before all others. */
  readonly early: LoopGroup[];
  readonly order: ReadonlyMap<NodeId, number>;
}

/** Where early loops begin to count: before all others. */
const beforeAll = -1_000_000_000;

/** A loop of more steps than this is closed: compilers of the platform are slow on giant functions. */
const mostMembers = 400;

const singles: ReadonlySet<string> = new Set([
  "dot",
  "gather",
  "scatterAdd",
  "cumulativeSum",
  "argMax",
  "argMin",
  "threefry2x32",
  "pad",
  "concat",
]);

/** Groups the nodes of a graph. */
export function groupNodes(sources: Sources): Grouping {
  const entries = nodesOf(sources.graph);
  const state: State = {
    sources,
    groups: [],
    groupOf: new Map(),
    stored: new Set(),
    readers: new Map(),
    waiting: new Set(),
    early: [],
    order: new Map(entries.map(([id], place) => [id, place])),
  };
  for (const [id, node] of entries) {
    if (sources.kinds.get(id) !== "computed") continue;
    if (singles.has(node.primitive)) openSingle(state, id, node);
    else {
      requireLoop(sources.graph, id, node);
      if (mayWait(state, node)) state.waiting.add(id);
      else joinOrOpen(state, id, node);
    }
  }
  const { outputs, updates } = sources.graph;
  for (const id of [...Object.values(outputs), ...Object.values(updates)]) store(state, id);
  return { ...state, groups: [...state.early, ...state.groups] };
}

/** Whether a node needs nothing that a kernel computes, but for those that run before all others. */
function mayWait(state: State, { primitive, inputs }: GraphNode): boolean {
  if (!Object.hasOwn(arithmetic, primitive)) return false;
  return inputs.every((input) => {
    const { root } = viewOf(state, input);
    if (state.sources.kinds.get(root) !== "computed" || state.waiting.has(root)) return true;
    return (state.groupOf.get(root)?.position ?? 0) < 0;
  });
}

/** A node that loops compute: of a primitive of the table, for those of one's own have no code. */
function requireLoop(graph: Graph, id: NodeId, node: GraphNode): void {
  const { primitive } = node;
  if (Object.hasOwn(arithmetic, primitive) || isFold(graph, node)) return;
  if (primitive === "reshape" || primitive === "sum") return;
  throw new CompileError(`compile: every primitive must have a lowering, got none for ${primitive}`, {
    context: [`node   ${id} = ${primitive}(${node.inputs.join(", ")})`],
    help: "the reference engine runs every graph",
  });
}

/** The view of an operand. */
function viewOf({ sources }: State, id: NodeId): View {
  return sources.views.get(id)!;
}

function store(state: State, id: NodeId): void {
  const { root } = viewOf(state, id);
  if (state.sources.kinds.get(root) !== "computed") return;
  settleEarly(state, root);
  state.stored.add(root);
}

function openSingle(state: State, id: NodeId, node: GraphNode): void {
  for (const input of node.inputs) store(state, input);
  const group: SingleGroup = { kind: "single", position: nextPosition(state), id };
  state.groups.push(group);
  state.groupOf.set(id, group);
  state.stored.add(id);
}

function joinOrOpen(state: State, id: NodeId, node: GraphNode): void {
  for (const group of candidates(state, node)) if (joins(state, group, id, node)) return;
  // A new loop may take an operand that the node sees from another side; then the next one comes after both.
  for (let placed = false; !placed;) {
    const group = openLoop(state, node);
    placed = joins(state, group, id, node);
    if (group.members.size === 0) state.groups.splice(state.groups.indexOf(group), 1);
  }
}

/** The position after all loops that there are, whatever has been left out between them. */
function nextPosition({ groups }: State): number {
  return (groups.at(-1)?.position ?? -1) + 1;
}

function openLoop(state: State, node: GraphNode, position = nextPosition(state)): LoopGroup {
  const group = loopFor(state.sources.graph, node, position);
  if (position >= 0) state.groups.push(group);
  else state.early.push(group);
  return group;
}

/** Loops that a node may join, the latest that computes an operand first, then later ones that read one. */
function candidates(state: State, node: GraphNode): readonly LoopGroup[] {
  const roots = node.inputs.map((input) => viewOf(state, input).root);
  let latest: Group | undefined;
  for (const root of roots) {
    const group = state.groupOf.get(root);
    if (group !== undefined && group.position > (latest?.position ?? -1)) latest = group;
  }
  const found: LoopGroup[] = latest?.kind === "loop" ? [latest] : [];
  for (const root of sourcesOf(state, roots)) {
    const reader = state.readers.get(root);
    if (reader !== undefined && reader.position > (latest?.position ?? -1)) found.push(reader);
  }
  return found;
}

/** Few roots: those given, and those that waiting ones are made of. */
function sourcesOf(state: State, roots: readonly NodeId[]): Iterable<NodeId> {
  const found = new Set(roots);
  for (const root of found) {
    if (!state.waiting.has(root) || found.size > 16) continue;
    for (const input of state.sources.graph.nodes[root]!.inputs) found.add(viewOf(state, input).root);
  }
  return found;
}

function joins(state: State, group: LoopGroup, id: NodeId, node: GraphNode): boolean {
  if (group.members.size >= mostMembers) return false;
  const place = placeOf(state.sources.graph, group, node);
  if (place === undefined) return false;
  const { operand, member, reduced } = place;
  const inputs = operandsOf(state, node, { dimensions: operand, rank: group.sizes.length });
  const isReady = ({ view, strides }: Operand): boolean => isAtHand(state, group, view, strides);
  const waits = ({ view }: Operand): boolean => state.waiting.has(view.root);
  if (!inputs.every((each) => waits(each) || isReady(each))) return false;
  if (inputs.some(waits)) {
    settle(state, group, inputs);
    if (!inputs.every(isReady)) return false;
  }
  for (const { view } of inputs) {
    if (!group.members.has(view.root)) {
      if (state.sources.kinds.get(view.root) === "computed") state.stored.add(view.root);
      state.readers.set(view.root, group);
    }
  }
  group.members.set(id, member);
  group.reduced = reduced;
  state.groupOf.set(id, group);
  return true;
}

/** An operand as a loop sees it: its view, and the strides along the loop's dimensions. */
interface Operand {
  readonly view: View;
  readonly strides: readonly number[];
}

function operandsOf(
  state: State,
  node: GraphNode,
  { dimensions, rank }: { readonly dimensions: readonly number[]; readonly rank: number },
): readonly Operand[] {
  return node.inputs.map((input) => {
    const view = viewOf(state, input);
    const sizes = sizesOf(state.sources.graph.nodes[input]!);
    return { view, strides: stridesAlong(view, sizes, dimensions, rank) };
  });
}

/** Nodes that wait and are operands of a loop's node join the loop where they run over its whole domain. */
function settle(state: State, group: LoopGroup, operands: readonly Operand[]): void {
  const { graph } = state.sources;
  const joining: NodeId[] = [];
  const seen = new Set<NodeId>();
  const stack = [...operands];
  for (let operand = stack.pop(); operand !== undefined; operand = stack.pop()) {
    const { root, offset } = operand.view;
    if (!state.waiting.has(root) || seen.has(root)) continue;
    seen.add(root);
    const node = graph.nodes[root]!;
    const place = placeOf(graph, group, node);
    // A scalar that several loops need would tie all of them to the one that it joined.
    const isScalar = place?.member.dimensions.length === 0 && group.sizes.length > 0;
    if (
      place === undefined ||
      isScalar ||
      offset !== 0 ||
      !sameNumbers(operand.strides, place.member.strides)
    ) {
      settleEarly(state, root);
      continue;
    }
    joining.push(root);
    const { dimensions } = place.member;
    stack.push(...operandsOf(state, node, { dimensions, rank: group.sizes.length }));
  }
  for (const id of inOrder(state, joining)) {
    // Unless an early loop has taken it in the meantime.
    if (!state.waiting.delete(id)) continue;
    if (!joins(state, group, id, graph.nodes[id]!)) placeEarly(state, id);
  }
}

function inOrder({ order }: State, ids: Iterable<NodeId>): readonly NodeId[] {
  return [...ids].toSorted((a, b) => order.get(a)! - order.get(b)!);
}

/** Puts a node that waits, and those that it needs, into loops that run before all others. */
function settleEarly(state: State, root: NodeId): void {
  if (!state.waiting.has(root)) return;
  const needed = new Set<NodeId>([root]);
  for (const id of needed) {
    for (const input of state.sources.graph.nodes[id]!.inputs) {
      const operand = viewOf(state, input).root;
      if (state.waiting.has(operand)) needed.add(operand);
    }
  }
  for (const id of inOrder(state, needed)) {
    state.waiting.delete(id);
    placeEarly(state, id);
  }
}

/** A loop before all others for a node that no longer waits; but after its operands, if one of them is elsewhere. */
function placeEarly(state: State, id: NodeId): void {
  const node = state.sources.graph.nodes[id]!;
  const groups = node.inputs.flatMap((input) => state.groupOf.get(viewOf(state, input).root) ?? []);
  if (groups.some(({ position }) => position >= 0)) {
    joinOrOpen(state, id, node);
    return;
  }
  const latest = groups.reduce<Group | undefined>(
    (a, b) => (a !== undefined && a.position > b.position ? a : b),
    undefined,
  );
  // All scalars go together.
  const scalars = state.early.findLast(({ sizes }) => sizes.length === 0);
  for (const group of [latest, scalars]) if (group?.kind === "loop" && joins(state, group, id, node)) return;
  if (!joins(state, openLoop(state, node, beforeAll + state.early.length), id, node))
    throw new Error(`bug: no loop takes ${id}, which needs nothing that kernels compute`);
}

/** Whether a group can have the operand: from an earlier kernel, or from itself at the same point. */
function isAtHand(state: State, group: LoopGroup, view: View, strides: readonly number[]): boolean {
  const origin = state.groupOf.get(view.root);
  if (origin === undefined || origin.position < group.position) return true;
  const member = origin === group ? group.members.get(view.root) : undefined;
  return member !== undefined && view.offset === 0 && sameNumbers(strides, member.strides);
}
