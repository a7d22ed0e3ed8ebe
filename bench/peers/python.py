# PyTorch or JAX on the CPU as a peer: answers the same requests as serve.ts, on descriptor 3.
# Usage: python python.py torch|jax THREADS. Thread counts must be set before the libraries are loaded.

import json
import os
import resource
import sys
import time

library, threads = sys.argv[1], int(sys.argv[2])
os.environ["OMP_NUM_THREADS"] = str(threads)
os.environ["OPENBLAS_NUM_THREADS"] = str(threads)
# Idle threads sleep: a spinning one would take the core that another peer is measured on.
os.environ["OMP_WAIT_POLICY"] = "passive"
if library == "jax":
    os.environ["JAX_PLATFORMS"] = "cpu"
    if threads == 1:
        # The size of its thread pool; the flags of XLA that name threads do not bound it.
        os.environ["NPROC"] = "1"

import numpy as np  # noqa: E402


def read_data(path, units, batch):
    """X and Y with examples as rows, and W [n, p] and b [n] of every layer."""
    values = np.fromfile(path, dtype=np.float32)
    at = 0

    def take(*shape):
        nonlocal at
        count = int(np.prod(shape))
        part = values[at : at + count].reshape(shape)
        at += count
        return part

    X = np.ascontiguousarray(take(units[0], batch).T)
    Y = np.ascontiguousarray(take(units[-1], batch).T)
    layers = [(take(n, p).copy(), take(n).copy()) for p, n in zip(units, units[1:])]
    return X, Y, layers


def elementwise_input(elements):
    return (((np.arange(elements) * 7919) % 8001) / 1000 - 4).astype(np.float32)


def torch_peer():
    import torch
    from torch.nn import functional as F

    torch.set_num_threads(threads)
    about = f"PyTorch {torch.__version__}, eager, {torch.get_num_threads()} thread{'s' if threads > 1 else ''}"

    def training(net, file):
        X, Y, layers = read_data(file, net["units"], net["batch"])
        X, Y = torch.from_numpy(X), torch.from_numpy(Y)
        binary = net["loss"] == "binaryCrossEntropy"
        labels = None if binary else Y.argmax(1)
        parameters = [torch.from_numpy(each).requires_grad_() for layer in layers for each in layer]
        activation = torch.tanh if net["hidden"] == "tanh" else torch.relu
        rate = net["learningRate"]
        adam = torch.optim.Adam(parameters, lr=rate, fused=True) if net["optimizer"] == "adam" else None

        def step():
            A = X
            for i in range(0, len(parameters), 2):
                Z = F.linear(A, parameters[i], parameters[i + 1])
                A = Z if i == len(parameters) - 2 else activation(Z)
            loss = F.binary_cross_entropy_with_logits(A, Y) if binary else F.cross_entropy(A, labels)
            if adam is not None:
                adam.zero_grad(set_to_none=True)
                loss.backward()
                adam.step()
            else:
                gradients = torch.autograd.grad(loss, parameters)
                with torch.no_grad():
                    for parameter, gradient in zip(parameters, gradients):
                        parameter.sub_(gradient, alpha=rate)
            return loss.item()

        return step

    def elementwise(op, elements):
        x = torch.from_numpy(elementwise_input(elements))
        out = torch.empty_like(x)
        if op == "relu":
            apply = lambda: torch.clamp_min(x, 0, out=out)  # noqa: E731
        else:
            function = getattr(torch, op)
            apply = lambda: function(x, out=out)  # noqa: E731

        def step():
            with torch.no_grad():
                apply()
            return 0.0

        return step

    return about, training, elementwise


def jax_peer():
    import jax
    import jax.numpy as jnp

    about = f"JAX {jax.__version__}, CPU, jit, {'1 thread' if threads == 1 else 'all cores'}"

    def loss_of(net):
        hidden = jnp.tanh if net["hidden"] == "tanh" else jax.nn.relu

        def loss(parameters, X, Y):
            A = X
            for i in range(0, len(parameters), 2):
                Z = A @ parameters[i] + parameters[i + 1]
                A = Z if i == len(parameters) - 2 else hidden(Z)
            if net["loss"] == "binaryCrossEntropy":
                return jnp.mean(jax.nn.softplus(A) - A * Y)
            return -jnp.mean(jnp.sum(jax.nn.log_softmax(A) * Y, axis=-1))

        return loss

    def update_of(net):
        value_and_grad = jax.value_and_grad(loss_of(net))
        rate = net["learningRate"]

        def gradient_descent(state, X, Y):
            loss, gradients = value_and_grad(state, X, Y)
            return loss, [p - rate * g for p, g in zip(state, gradients)]

        def adam(state, X, Y):
            parameters, first, second, t = state
            loss, gradients = value_and_grad(parameters, X, Y)
            t = t + 1
            first = [0.9 * m + 0.1 * g for m, g in zip(first, gradients)]
            second = [0.999 * v + 0.001 * g * g for v, g in zip(second, gradients)]
            rest1, rest2 = 1 - 0.9**t, 1 - 0.999**t
            following = [
                p - rate * (m / rest1) / (jnp.sqrt(v / rest2) + 1e-8)
                for p, m, v in zip(parameters, first, second)
            ]
            return loss, (following, first, second, t)

        return jax.jit(adam if net["optimizer"] == "adam" else gradient_descent, donate_argnums=0)

    def training(net, file):
        X, Y, layers = read_data(file, net["units"], net["batch"])
        X, Y = jnp.asarray(X), jnp.asarray(Y)
        state = [jnp.asarray(each) for W, b in layers for each in (W.T, b)]
        if net["optimizer"] == "adam":
            zeros = lambda: [jnp.zeros_like(p) for p in state]  # noqa: E731
            state = (state, zeros(), zeros(), jnp.float32(0))
        update = update_of(net)

        def step():
            nonlocal state
            loss, state = update(state, X, Y)
            jax.block_until_ready(state)
            return float(loss)

        return step

    def elementwise(op, elements):
        functions = {"exp": jnp.exp, "sigmoid": jax.nn.sigmoid, "tanh": jnp.tanh, "relu": jax.nn.relu}
        x = jnp.asarray(elementwise_input(elements))
        apply = jax.jit(functions[op])

        def step():
            apply(x).block_until_ready()
            return 0.0

        return step

    return about, training, elementwise


def run_steps(step, count, seconds):
    times, losses = [], []
    end = time.perf_counter() + seconds
    for _ in range(count):
        began = time.perf_counter()
        loss = step()
        ended = time.perf_counter()
        times.append(1000 * (ended - began))
        losses.append(loss)
        if ended > end:
            break
    # Kilobytes on Linux, bytes on macOS.
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return {"times": times, "losses": losses, "peakMemory": peak}


def main():
    replies = os.fdopen(3, "w")
    about, training, elementwise = torch_peer() if library == "torch" else jax_peer()
    step = None
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if request["kind"] == "steps":
                reply = run_steps(step, request["count"], request["seconds"])
            else:
                began = time.perf_counter()
                if request["kind"] == "prepare":
                    step = training(request["net"], request["file"])
                else:
                    step = elementwise(request["op"], request["elements"])
                ready = time.perf_counter()
                loss = step()
                first = time.perf_counter() - ready
                reply = {
                    "compileTime": 1000 * (ready - began),
                    "firstTime": 1000 * first,
                    "loss": loss,
                    "about": about,
                }
        except Exception as error:  # The parent reports it.
            reply = {"error": repr(error)}
        replies.write(json.dumps(reply) + "\n")
        replies.flush()


main()
