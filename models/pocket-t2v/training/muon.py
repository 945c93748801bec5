"""Muon: momentum whose update is made orthogonal by a Newton-Schulz iteration.

Used by train.py for the hidden matrices. Method: Keller Jordan et al., "Muon: an optimizer for hidden
layers in neural networks", 2024. Convolutions are taken as (out, in * kernel) matrices.
"""

import torch

MOMENTUM = 0.95
NEWTON_SCHULZ = (3.4445, -4.7750, 2.0315)  # quintic coefficients of that article
ITERATIONS = 5


def orthogonalised(matrix: torch.Tensor) -> torch.Tensor:
    """A matrix with the row and column space of the input and singular values near 1."""
    a, b, c = NEWTON_SCHULZ
    wide = matrix.shape[0] <= matrix.shape[1]
    x = (matrix if wide else matrix.T).bfloat16()
    x = x / (x.norm() + 1e-7)
    for _ in range(ITERATIONS):
        square = x @ x.T
        x = a * x + (b * square + c * square @ square) @ x
    return (x if wide else x.T).float()


class Muon(torch.optim.Optimizer):
    """Nesterov momentum, orthogonalised; for parameters of two or more dimensions only."""

    def __init__(self, parameters: list[torch.nn.Parameter], lr: float) -> None:
        super().__init__(parameters, {"lr": lr})

    @torch.no_grad()
    def step(self, closure: None = None) -> None:
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is None:
                    continue
                momentum = self.state[parameter].setdefault("momentum", torch.zeros_like(parameter))
                momentum.lerp_(parameter.grad, 1 - MOMENTUM)
                update = parameter.grad.lerp(momentum, MOMENTUM)
                matrix = orthogonalised(update.reshape(update.shape[0], -1))
                tall = max(1.0, matrix.shape[0] / matrix.shape[1]) ** 0.5
                parameter.add_(matrix.reshape_as(parameter), alpha=-group["lr"] * tall)
