document.documentElement.dataset.portal = "ready";
