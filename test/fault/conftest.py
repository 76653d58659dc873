"""Tells at the end how much was swept."""


def pytest_terminal_summary(terminalreporter):
    swept = [value for report in terminalreporter.stats.get('passed', []) for name, value in getattr(report, 'user_properties', [])
             if name == 'sweep' and report.when == 'call']
    if swept:
        points, runs = (sum(counts) for counts in zip(*swept))
        terminalreporter.write_line(f'crash sweep: {points} fault points, {runs} runs')
