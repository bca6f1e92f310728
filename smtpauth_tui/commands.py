"""The command palette: a view of the keys, the reports and the cards, not a second list."""

from collections.abc import Iterable

from textual.command import DiscoveryHit, Hit, Hits, Provider

from smtpauth_tui.screens.help import key_names


class KeyCommands(Provider):
    """Every action that has a key on the screen in view."""

    def _commands(self) -> Iterable[tuple[str, str, str]]:
        """Name, what it does, and the action's text, once each."""
        seen: set[str] = set()
        for active in self.screen.active_bindings.values():
            binding = active.binding
            if not binding.tooltip or not active.enabled or binding.id in seen or "palette" in (binding.id or ""):
                continue
            seen.add(binding.id or binding.action)
            yield binding.tooltip, f"key: {key_names(binding.key)}", binding.action

    async def discover(self) -> Hits:
        for name, help_text, action in self._commands():
            yield DiscoveryHit(name, self._runner(action), help=help_text)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for name, help_text, action in self._commands():
            score = matcher.match(name)
            if score:
                yield Hit(score, matcher.highlight(name), self._runner(action), help=help_text)

    def _runner(self, action: str):  # type: ignore[no-untyped-def]
        async def run() -> None:
            focused = self.screen.focused or self.screen
            namespace = focused
            name = action.partition("(")[0]
            for node in focused.ancestors_with_self:
                if hasattr(node, f"action_{name}"):
                    namespace = node  # type: ignore[assignment]
                    break
            await self.app.run_action(action, namespace)

        return run
