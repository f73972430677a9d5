"""The whole chain again: has a published number moved?

`chain` has the steps of the main job in their order, `documents` and `architecture` write the
generated pages, `headlines` records the numbers of the answers, `check/` asks whether tables still
add up, and `promises/` checks the register. No number is first worked out here.
"""
