from __future__ import annotations
import time
from builders import MakeGuard, rule, fields
async def test_x(make_guard):
    t=time.time()
    for i in range(10):
        g = await make_guard(rule())
        print(i, time.time()-t)
async def test_two(make_guard):
    t=time.time()
    a = await make_guard(rule())
    b = await make_guard(rule())
