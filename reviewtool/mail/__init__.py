# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Threads in, series out. Knows nothing of C, git trees or locks.

`source.read_thread` reads what the user names, `source.read_threads` all that it holds, `gitrange.range_thread` the
commits of a repository; the values are in `model`, the exception in `errors`.
"""
