(** * Parities that a claim may use: declared facts, and those of the functions taken themselves. *)
From Coq Require Import List ZArith NArith QArith Reals Ascii String Bool Lia Lra.
From Coquelicot Require Import Coquelicot.
From SimCert Require Import Poly Expr.
From SimCert Require Export Named.
From SimCert Require Import Syntax Printer Parser Meaning Scalar Proper Assumed Invariance Equivariance Symmetric.
Import ListNotations.
Local Open Scope string_scope.
Local Open Scope list_scope.
Local Open Scope bool_scope.

Definition named_parity (n : text) : list fact :=
  (if one_of odd_names n then [Odd] else []) ++ (if one_of even_names n then [Even] else []).
Definition parities (m : model) (assumptions : list (text * assumption)) (f : text) : list fact :=
  match find f assumptions, find f (m_activations m) with
  | Some Itself, Some (Named n) => named_parity n
  | _, _ => known_of m assumptions f
  end.

Local Open Scope R_scope.
Lemma parities_ok m assumptions sigma : admissible m assumptions sigma -> known_ok (parities m assumptions) sigma.
Proof.
  intros Ha f. assert (G := known_of_ok m assumptions sigma Ha f). unfold parities.
  destruct (find f assumptions) as [[|l]|] eqn:E1; try exact G. destruct (find f (m_activations m)) as [d|] eqn:E2; [|exact G].
  destruct d as [c|c|s t|n]; try exact G. clear G. specialize (Ha f _ (find_in _ _ _ E2)). rewrite E1 in Ha. destruct Ha as (g & Hg & Hs).
  unfold named_parity, has. split; intros H z; rewrite existsb_app in H; apply orb_prop in H as [H|H]; rewrite !Hs.
  - destruct (one_of odd_names n) eqn:E; [|discriminate]. now apply (odd_named n).
  - destruct (one_of even_names n); discriminate.
  - destruct (one_of odd_names n); discriminate.
  - destruct (one_of even_names n) eqn:E; [|discriminate]. now apply (even_named n).
Qed.

(** ** What the checks of Symmetric.v give for any parities *)
Section Group.
Variable m : model.
Variable known : text -> list fact.
Variable gs : list (generator * node_actions).
Variable t0 : tables.
Variable all : list tables.
Hypothesis E0 : check_equivariance m known no_generator [] = Some t0.
Hypothesis Ec : all_checked m known gs = Some all.
Lemma each_checked g : In g (map fst gs) -> exists e t, check_moving m known g e = Some t /\ ends_fixed m t = true.
Proof.
  intros Hg. destruct (checked_followed m known gs all Ec) as [Ef He]. destruct (each_followed m known gs all Ef g Hg) as (e & t & _ & Ht & Hc).
  exists e, t. split; [exact Hc|now apply He].
Qed.
Lemma group_symmetry sigma : known_ok known sigma -> forall g, In g (map fst gs) -> symmetry_for m g sigma.
Proof. intros Hk g Hg. destruct (each_checked g Hg) as (e & t & Ht & He). exact (equivariance_symmetry m known g e t Ht sigma Hk He). Qed.
Lemma group_fixed L : check_fixed m all L = true -> fixed_space_is m (map fst gs) L.
Proof. apply (followed_fixed m known gs all L). now apply checked_followed. Qed.
Lemma fixed_invariant L sigma : fixed_space_is m (map fst gs) L -> known_ok known sigma -> invariant_for m L sigma.
Proof.
  intros HF Hk theta Hth x Hr k i Hki. destruct (equivariance_moving _ _ _ _ _ E0) as [M0 S0].
  assert (Hd := equivariance_derive m known no_generator [] t0 M0 sigma S0 theta x Hr k i Hki). split; [exact Hd|].
  apply (fixed_direction m (map fst gs) L (fun j => partial (F m sigma x k i) j theta) HF).
  intros g Hg. destruct (each_checked g Hg) as (e & t & Ht & He).
  apply (equivariance_gradient m known g e t Ht (F m sigma x k i) theta); [|exact Hd|now apply HF].
  intros u u' Hu. exact (act_output m known g e t Ht sigma Hk He u u' Hu x k i Hki).
Qed.
Lemma group_invariant L sigma : check_fixed m all L = true -> known_ok known sigma -> invariant_for m L sigma.
Proof. intros H. apply fixed_invariant. now apply group_fixed. Qed.
End Group.
