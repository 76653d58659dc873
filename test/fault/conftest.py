"""Tells at the end how much was swept."""


def pytest_terminal_summary(terminalreporter):
    passed = [report for report in terminalreporter.stats.get('passed', []) if report.when == 'call']
    swept = [value for report in passed for name, value in report.user_properties if name == 'sweep']
    if swept:
        points, runs = (sum(counts) for counts in zip(*swept))
        terminalreporter.write_line(f'crash sweep: {points} fault points, {runs} runs')
