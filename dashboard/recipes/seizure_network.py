"""The detector's network: one channel at a time through the unit of Mallick and Baths, then across channels."""

from __future__ import annotations

import torch
from torch import nn

__all__ = ["ChannelUnit", "SeizureNetwork"]


class ChannelUnit(nn.Module):
    """The unit of Mallick and Baths 2024 (doi:10.3389/fncom.2024.1340251): Conv1D, BiLSTM, GRU, average pooling."""

    def __init__(self, inputs: int, filters: int, kernel: int, stride: int, hidden: int, outputs: int, pool: int):
        super().__init__()
        self.convolution = nn.Conv1d(inputs, filters, kernel, stride=stride, padding=kernel // 2)
        self.norm = nn.BatchNorm1d(filters)
        self.lstm = nn.LSTM(filters, hidden, batch_first=True, bidirectional=True)
        self.gru = nn.GRU(2 * hidden, outputs, batch_first=True)
        self.pool = nn.AvgPool1d(pool)

    def forward(self, signal: torch.Tensor) -> torch.Tensor:
        """(sequence, inputs, time) to (sequence, outputs, time / stride / pool)."""
        found = torch.relu(self.norm(self.convolution(signal))).transpose(1, 2)
        found, _ = self.lstm(found)
        found, _ = self.gru(found)
        return self.pool(found.transpose(1, 2))


class SeizureNetwork(nn.Module):
    """Scores of a window and of each of its channels, for any number of channels in any order.

    Every channel passes the same two units; a channel's vector is then judged beside the mean and the maximum over all
    channels, and the window's logit is the softmax-weighted mean of the channels' logits. Amplitude stays informative:
    the signal enters both compressed (logarithm of microvolts) and relative to the window's mean absolute value.

    Notes
    -----
    `forward(signal (n, channels, samples) microvolts)` gives `score (n,)` and `channel_score (n, channels)`, 0 to 1.
    """

    def __init__(self, width: int = 32):
        super().__init__()
        self.first = ChannelUnit(2, 24, 25, 4, 16, width, 5)
        self.second = ChannelUnit(width, width, 5, 1, 24, width, 5)
        self.dropout = nn.Dropout(0.3)
        self.channel = nn.Sequential(nn.Linear(2 * width, width), nn.ReLU())
        self.together = nn.Sequential(nn.Linear(3 * width, width), nn.ReLU(), nn.Dropout(0.2), nn.Linear(width, 1))

    def logits(self, signal: torch.Tensor, mask: torch.Tensor | None = None) -> tuple[torch.Tensor, torch.Tensor]:
        """Logits of windows (n,) and channels (n, channels); `mask` (n, channels) is 1 where a channel is there."""
        shape = signal.shape
        if mask is None:
            scale = signal.abs().mean(dim=(1, 2), keepdim=True)
        else:
            scale = (signal.abs().mean(dim=2) * mask).sum(1)[:, None, None] / mask.sum(1)[:, None, None]
        relative = torch.clamp(signal / (2 * scale + 2.0), -6.0, 6.0)
        views = torch.stack([torch.sign(signal) * torch.log1p(signal.abs() / 15.0), relative], dim=2).reshape(
            -1, 2, shape[2]
        )
        found = self.second(self.first(views))
        vectors = self.channel(self.dropout(torch.cat([found.mean(dim=2), found.amax(dim=2)], dim=1)))
        vectors = vectors.reshape(shape[0], shape[1], -1)
        if mask is None:
            mean, peak = vectors.mean(dim=1, keepdim=True), vectors.amax(dim=1, keepdim=True)
        else:
            there = mask[:, :, None]
            mean = (vectors * there).sum(1, keepdim=True) / there.sum(1, keepdim=True)
            peak = (vectors * there).amax(dim=1, keepdim=True)
        context = torch.cat([vectors, mean.expand_as(vectors), peak.expand_as(vectors)], dim=2)
        channel = self.together(context).squeeze(2)
        weighing = channel if mask is None else channel - 1e4 * (1 - mask)
        window = (torch.softmax(weighing, dim=1) * channel).sum(dim=1)
        return window, channel

    def forward(self, signal: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """(n, channels, samples) microvolts to `score` (n,) and `channel_score` (n, channels)."""
        window, channel = self.logits(signal)
        return torch.sigmoid(window), torch.sigmoid(channel)
