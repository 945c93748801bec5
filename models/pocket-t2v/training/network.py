"""The denoiser of pocket-t2v: a (2+1)D U-Net that predicts the clean clip from a noisy one.

Used by train.py and export.py. It knows nothing of prompts: the text arrives as a bag of words.
Tensors are (batch, channels, frames, height, width); pixels are in -1..1.
"""

import math

import torch
from torch import nn
from torch.nn import functional as F

FRAMES = 8
SIDE_PX = 32
WORDS = 16
CHANNELS = (32, 64, 128)  # at 16x16, 8x8 and 4x4
TEMPORAL_WIDTH = (3, 5, 7)
CONDITION = 128  # half from a small network over time and text, half a linear map of frame x word
HEADS = 4


class Condition(nn.Module):
    """One vector per frame. The bag of words reaches it twice: through an MLP together with the time,
    and around that MLP as a linear map of the outer product frame x word, which no activation can
    squash."""

    def __init__(self) -> None:
        super().__init__()
        half = CONDITION // 2
        self.register_buffer("frequencies", torch.exp(torch.linspace(0, math.log(200.0), 16)), persistent=False)
        self.time = nn.Linear(32, 128)
        self.text = nn.Linear(WORDS, 128, bias=False)
        self.mix = nn.Linear(128, half)
        self.direct = nn.Parameter(torch.randn(FRAMES, WORDS + 1, half) * 0.4)

    def forward(self, t: torch.Tensor, bag: torch.Tensor) -> torch.Tensor:
        angle = t[:, None] * self.frequencies
        wave = torch.cat([angle.sin(), angle.cos()], 1)
        mixed = F.silu(self.mix(F.silu(self.time(wave) + self.text(bag))))
        one = torch.ones_like(bag[:, :1])
        words = torch.cat([bag, one], 1)
        direct = torch.einsum("bw,fwc->bfc", words, self.direct)
        return torch.cat([mixed[:, None].expand(-1, FRAMES, -1), direct], 2)


class Block(nn.Module):
    """Residual: norm, modulation by the condition (a scale, and a shift that is a plane in x and y),
    spatial convolution, norm, temporal convolution."""

    def __init__(self, channels: int, side: int, temporal_width: int) -> None:
        super().__init__()
        self.norm1 = nn.GroupNorm(8, channels)
        self.norm2 = nn.GroupNorm(8, channels)
        self.modulation = nn.Linear(CONDITION, 4 * channels)
        self.spatial = nn.Conv3d(channels, channels, (1, 3, 3), padding=(0, 1, 1))
        self.temporal = nn.Conv3d(channels, channels, (temporal_width, 1, 1), padding=(temporal_width // 2, 0, 0))
        nn.init.normal_(self.modulation.weight, std=0.05)
        nn.init.zeros_(self.modulation.bias)
        nn.init.zeros_(self.temporal.weight)
        nn.init.zeros_(self.temporal.bias)
        axis = (torch.arange(side) + 0.5) / side * 2 - 1
        self.register_buffer("axis", axis, persistent=False)

    def forward(self, x: torch.Tensor, condition: torch.Tensor) -> torch.Tensor:
        m = self.modulation(condition).transpose(1, 2)[..., None, None]
        scale, shift, slope_x, slope_y = m.chunk(4, 1)
        plane = shift + slope_x * self.axis[None, :] + slope_y * self.axis[:, None]
        h = self.spatial(F.silu(self.norm1(x) * (1 + scale) + plane))
        return x + self.temporal(F.silu(self.norm2(h)))


class Attention(nn.Module):
    """Residual self-attention over all frames and places of the lowest level (8 x 4 x 4 tokens)."""

    def __init__(self, channels: int, tokens: int) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(8, channels)
        self.place = nn.Parameter(torch.randn(tokens, channels) * 0.02)
        self.query_key_value = nn.Linear(channels, 3 * channels)
        self.out = nn.Linear(channels, channels)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        batch, channels, frames, height, width = x.shape
        tokens = self.norm(x).flatten(2).transpose(1, 2) + self.place
        parts = self.query_key_value(tokens).reshape(batch, -1, 3, HEADS, channels // HEADS)
        query, key, value = parts.permute(2, 0, 3, 1, 4).unbind(0)
        weight = torch.softmax(query @ key.transpose(-1, -2) * (channels // HEADS) ** -0.5, -1)
        mixed = (weight @ value).transpose(1, 2).reshape(batch, -1, channels)
        return x + self.out(mixed).transpose(1, 2).reshape(x.shape)


def fold(x: torch.Tensor, factor: int = 2) -> torch.Tensor:
    """Space to channels: (b, c, f, h, w) -> (b, c*4, f, h/2, w/2)."""
    b, c, f, h, w = x.shape
    x = x.reshape(b, c, f, h // factor, factor, w // factor, factor)
    return x.permute(0, 1, 4, 6, 2, 3, 5).reshape(b, c * factor**2, f, h // factor, w // factor)


def unfold(x: torch.Tensor, factor: int = 2) -> torch.Tensor:
    """Channels to space, the inverse of fold."""
    b, c, f, h, w = x.shape
    x = x.reshape(b, c // factor**2, factor, factor, f, h, w)
    return x.permute(0, 1, 4, 5, 2, 6, 3).reshape(b, c // factor**2, f, h * factor, w * factor)


class Denoiser(nn.Module):
    """(noisy clip, time in 0..1, bag of words) -> clean clip."""

    def __init__(self, blocks: tuple[int, int, int] = (2, 3, 3)) -> None:
        super().__init__()
        c0, c1, c2 = CHANNELS
        w0, w1, w2 = TEMPORAL_WIDTH
        self.condition = Condition()
        self.enter = nn.Conv3d(12, c0, (1, 3, 3), padding=(0, 1, 1))
        self.down0 = nn.ModuleList(Block(c0, 16, w0) for _ in range(blocks[0]))
        self.to1 = nn.Conv3d(c0 * 4, c1, 1)
        self.down1 = nn.ModuleList(Block(c1, 8, w1) for _ in range(blocks[1]))
        self.to2 = nn.Conv3d(c1 * 4, c2, 1)
        self.middle = nn.ModuleList(Block(c2, 4, w2) for _ in range(blocks[2]))
        self.attention = nn.ModuleList(Attention(c2, FRAMES * 16) for _ in range(blocks[2] - 1))
        self.from2 = nn.Conv3d(c2, c1 * 4, 1)
        self.up1 = nn.ModuleList(Block(c1, 8, w1) for _ in range(blocks[1]))
        self.join1 = nn.Conv3d(c1 * 2, c1, 1)
        self.from1 = nn.Conv3d(c1, c0 * 4, 1)
        self.join0 = nn.Conv3d(c0 * 2, c0, 1)
        self.up0 = nn.ModuleList(Block(c0, 16, w0) for _ in range(blocks[0]))
        self.norm = nn.GroupNorm(8, c0)
        self.leave = nn.Conv3d(c0, 12, (1, 3, 3), padding=(0, 1, 1))
        nn.init.zeros_(self.leave.bias)

    def forward(self, noisy: torch.Tensor, t: torch.Tensor, bag: torch.Tensor) -> torch.Tensor:
        condition = self.condition(t, bag)
        h0 = self.enter(fold(noisy))
        for block in self.down0:
            h0 = block(h0, condition)
        h1 = self.to1(fold(h0))
        for block in self.down1:
            h1 = block(h1, condition)
        h = self.to2(fold(h1))
        for index, block in enumerate(self.middle):
            h = block(h, condition)
            if index < len(self.attention):
                h = self.attention[index](h)
        h = self.join1(torch.cat([unfold(self.from2(h)), h1], 1))
        for block in self.up1:
            h = block(h, condition)
        h = self.join0(torch.cat([unfold(self.from1(h)), h0], 1))
        for block in self.up0:
            h = block(h, condition)
        return unfold(self.leave(F.silu(self.norm(h))))
