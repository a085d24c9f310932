// What a list costs by itself: the text comes back as rows like those of a search, from nowhere.
const vscode = require('vscode');

exports.activate = (context) => context.subscriptions.push(vscode.commands.registerCommand('bare.show', () => {
  const pick = vscode.window.createQuickPick();
  pick.onDidChangeValue((text) => {
    pick.items = Array.from({ length: 20 }, (_, i) => ({
      label: `${text} ${i}`, description: 'gateway/limiter.go:41', detail: 'func Throttle(next http.Handler)', alwaysShow: true,
    }));
  });
  pick.onDidHide(() => pick.dispose());
  pick.show();
}));
