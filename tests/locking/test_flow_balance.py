# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""What the flow makes of branches, errors, trylocks, guards, loops, callees: nothing lost, nothing made up."""

from __future__ import annotations

import pytest

from tests.locking.flows import held_at_end, model_of, orders_of, places_of, rules_of, summary_of

QUIET = {
    "correlated": """
void f(struct box *x, int w)
{
	if (w) down_write(&x->rw); else down_read(&x->rw);
	x->n++;
	if (w) up_write(&x->rw); else up_read(&x->rw);
}""",
    "correlated by two conditions": """
void f(struct box *x, int a, int b)
{
	if (a && b) mutex_lock(&x->m0);
	x->n++;
	if (a && b) mutex_unlock(&x->m0);
}""",
    "trylock": """
int f(struct box *x)
{
	if (!mutex_trylock(&x->m0)) return -EBUSY;
	x->n++;
	mutex_unlock(&x->m0);
	return 0;
}""",
    "interruptible": """
int f(struct box *x)
{
	int r = mutex_lock_interruptible(&x->m0);
	if (r) return r;
	x->n++;
	mutex_unlock(&x->m0);
	return 0;
}""",
    "goto ladder": """
int f(struct box *x)
{
	int r = -EINVAL;
	mutex_lock(&x->m0);
	if (opaque(1)) goto out0;
	mutex_lock(&x->m1);
	if (opaque(2)) goto out1;
	r = 0;
out1:
	mutex_unlock(&x->m1);
out0:
	mutex_unlock(&x->m0);
	return r;
}""",
    "guard": """
int f(struct box *x)
{
	guard(mutex)(&x->m0);
	if (opaque(1)) return -EINVAL;
	scoped_guard(spinlock, &x->s) { if (opaque(2)) return 1; }
	return 0;
}""",
    "saved flags": """
int f(struct box *x)
{
	unsigned long flags;
	spin_lock_irqsave(&x->s, flags);
	if (opaque(1)) { spin_unlock_irqrestore(&x->s, flags); return -EINVAL; }
	spin_unlock_irqrestore(&x->s, flags);
	return 0;
}""",
    "lock and state apart": """
void f(struct box *x)
{
	local_irq_disable();
	spin_lock(&x->s);
	spin_unlock_irq(&x->s);
}""",
    "begin and end by a field": """
static void begin(struct box *x) { if (x->want) mutex_lock(&x->m0); }
static void end(struct box *x) { if (x->want) mutex_unlock(&x->m0); }
int f(struct box *x) { int r; begin(x); r = opaque(1); end(x); return r; }""",
    "a constant decides": """
static void get(struct box *x, int lock) { if (lock) mutex_lock(&x->m0); }
static void put(struct box *x, int lock) { if (lock) mutex_unlock(&x->m0); }
int f(struct box *x) { get(x, 1); if (opaque(1)) { put(x, 1); return -EINVAL; } put(x, 1); return 0; }
int g(struct box *x) { get(x, 0); x->n++; return 0; }""",
    "the caller keeps it": """
int f(struct box *x, int keep)
{
	mutex_lock(&x->m0);
	x->n++;
	if (!keep) mutex_unlock(&x->m0);
	return 0;
}""",
    "taken with success only": """
int f_lock(struct box *x)
{
	mutex_lock(&x->m0);
	if (x->n) { mutex_unlock(&x->m0); return -EBUSY; }
	return 0;
}""",
    "drop and retake": """
static void relax(struct box *x) { mutex_unlock(&x->m0); opaque(1); mutex_lock(&x->m0); }
void f(struct box *x) { mutex_lock(&x->m0); if (opaque(2)) relax(x); mutex_unlock(&x->m0); }""",
    "loop takes and loop releases": """
void f(struct box *x, struct box **all, int n)
{
	int i;
	for (i = 0; i < n; i++) mutex_lock_nest_lock(&all[i]->m0, &x->m1);
	x->n++;
	for (i = 0; i < n; i++) mutex_unlock(&all[i]->m0);
}""",
    "recursion": """
int f(struct box *x, int n)
{
	int r = 0;
	if (n) r = f(x->next, n - 1);
	mutex_lock(&x->m0);
	x->n++;
	mutex_unlock(&x->m0);
	return r;
}""",
}

LOST = {
    "a field tested after": (
        """
int f(struct box *x)
{
	mutex_lock(&x->m0);
	if (x->n)
		return -EINVAL; /* here */
	mutex_unlock(&x->m0);
	return 0;
}""",
        "missing-unlock",
    ),
    "void": (
        """
void f(struct box *x, int a)
{
	mutex_lock(&x->m0);
	if (a)
		return; /* here */
	mutex_unlock(&x->m0);
}""",
        "missing-unlock",
    ),
    "an error of a callee": (
        """
static int get(struct box *x) { mutex_lock(&x->m0); return 0; }
int f(struct box *x)
{
	int r = get(x);
	if (opaque(1))
		return -EINVAL; /* here */
	mutex_unlock(&x->m0);
	return r;
}""",
        "missing-unlock",
    ),
    "inverted trylock": (
        """
int f(struct box *x)
{
	if (mutex_trylock(&x->m0))
		return -EBUSY; /* here */
	x->n++;
	return 0;
}""",
        "missing-unlock",
    ),
    "interrupts stay off": (
        """
void f(struct box *x)
{
	spin_lock_irq(&x->s);
	spin_unlock(&x->s); /* here */
}""",
        "unlock-variant-mismatch",
    ),
    "by hand under a guard": (
        """
void f(struct box *x)
{
	guard(mutex)(&x->m0); /* here */
	mutex_unlock(&x->m0);
}""",
        "guard-and-unlock",
    ),
    "the same one in a callee": (
        """
static void g(struct box *x) { mutex_lock(&x->m0); mutex_unlock(&x->m0); }
void f(struct box *x)
{
	mutex_lock(&x->m0);
	g(x); /* here */
	mutex_unlock(&x->m0);
}""",
        "double-acquire",
    ),
    "two parameters": (
        """
void f(struct box *x, struct box *y)
{
	mutex_lock(&x->m0);
	mutex_unlock(&y->m0); /* here */
}""",
        "wrong-object-released",
    ),
}


@pytest.mark.parametrize("name", QUIET)
def test_nothing_is_wrong(name: str) -> None:
    assert rules_of(QUIET[name]) == []


@pytest.mark.parametrize("name", LOST)
def test_it_is_told_where_it_happens(name: str) -> None:
    code, rule = LOST[name]
    places = places_of(code, rule)
    assert len(places) == 1
    assert "/* here */" in places[0] or name == "by hand under a guard"
    assert rules_of(code) == [rule]


@pytest.mark.parametrize("name", [name for name in QUIET if "unlock(" in QUIET[name]])
def test_without_its_releases_it_is_not_quiet(name: str) -> None:
    code = QUIET[name].replace("mutex_unlock(", "opaque((long)").replace("spin_unlock", "spin_lock")
    model = model_of(code)
    before = model_of(QUIET[name])
    assert [s.leavings for s in model.summaries.values()] != [s.leavings for s in before.summaries.values()]


def test_a_partial_release_leaves_the_rest() -> None:
    code = """
void f(struct box *x) { mutex_lock(&x->m0); mutex_lock(&x->m1); mutex_unlock(&x->m0); }"""
    assert held_at_end(code, "f") == {("m1",)}


def test_a_callback_runs_under_what_its_caller_holds() -> None:
    code = """
static void each(struct box *x, void (*fn)(struct box *)) { mutex_lock(&x->m0); fn(x); mutex_unlock(&x->m0); }
static void one(struct box *x) { mutex_lock(&x->m1); mutex_unlock(&x->m1); }
void f(struct box *x) { each(x, one); }"""
    assert ("m0", "m1") in orders_of(code)
    assert ("m0", "m1") not in orders_of(code.replace("fn(x); mutex_unlock(&x->m0);", "mutex_unlock(&x->m0); fn(x);"))


def test_a_function_pointer_runs_what_was_stored_in_it() -> None:
    code = """
struct ops { void (*run)(struct box *); };
static void one(struct box *x) { mutex_lock(&x->m1); mutex_unlock(&x->m1); }
static const struct ops ops = { .run = one };
void f(struct box *x, const struct ops *o) { mutex_lock(&x->m0); o->run(x); mutex_unlock(&x->m0); }"""
    assert orders_of(code) == {("m0", "m1")}
    assert orders_of(code.replace("{ .run = one }", "{ 0 }")) == set()


def test_what_a_callee_drops_is_not_held_while_it_waits() -> None:
    code = """
static void relax(struct box *x)
{
	mutex_unlock(&x->m0); mutex_lock(&x->m1); mutex_unlock(&x->m1); mutex_lock(&x->m0);
}
void f(struct box *x) { mutex_lock(&x->m0); relax(x); mutex_unlock(&x->m0); }"""
    assert ("m0", "m1") not in orders_of(code)
    assert ("m0", "m1") in orders_of(
        code.replace("mutex_unlock(&x->m0); mutex_lock(&x->m1);", "mutex_lock(&x->m1);", 1)
    )


def test_the_last_put_is_marked() -> None:
    code = """
struct counted { refcount_t refs; struct mutex m; };
static void destroy(struct counted *c) { mutex_lock(&c->m); mutex_unlock(&c->m); }
void f(struct box *x, struct counted *c)
{
	mutex_lock(&x->m0);
	if (refcount_dec_and_test(&c->refs)) destroy(c);
	mutex_unlock(&x->m0);
}"""
    finals = [r.inner.final for r, _ in summary_of(model_of(code), "f").relations if r.inner.cls.name.endswith(".m")]
    assert finals == [True]


def test_a_released_lock_of_the_caller_is_owed() -> None:
    (outcome,) = summary_of(model_of("void f(struct box *x) { mutex_unlock(&x->m0); }"), "f").outcomes
    assert [(lock.instance, outcome.held) for lock in outcome.owed] == [("x->m0", ())]
