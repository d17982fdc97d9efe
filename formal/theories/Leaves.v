(** * The parameters are moved by a signed permutation: seen from the axes, without a table of all parameters for every generator. *)
From Coq Require Import List ZArith NArith QArith Ascii Bool Lia FMapPositive Permutation.
From SimCert Require Import Poly Expr.
From SimCert Require Import Syntax Printer Parser Meaning Scalar Proper Assumed Invariance Equivariance Sums Symmetric Letters.
Import ListNotations.
Local Open Scope list_scope.
Local Open Scope bool_scope.

(** every parameter stands in one leaf, once *)
Definition leaf_indices (m : model) : list N :=
  flat_map (fun n => if leaf_b n then map (leaf_index m n) (nrange (size (shape_of n))) else []) (m_nodes m).
Definition indices_ok (m : model) : bool := let l := leaf_indices m in permutation_ok l && has_length l (dimension m).
Definition axis_ok (a : option action) : bool := match a with Some (Monomial p _) => permutation_ok p | _ => true end.
Definition axes_ok (m : model) (g : generator) (extra : node_actions) : bool :=
  forallb (fun kn => negb (leaf_b (snd kn)) || forallb axis_ok (acts_of m g extra (snd kn) (fst kn))) (numbered (m_nodes m)).

(** ** Soundness: the conditions of [leaves_ok] follow *)
Lemma permutation_ok_complete l : Permutation l (upto (N.of_nat (length l))) -> permutation_ok l = true.
Proof.
  intros H. unfold permutation_ok. rewrite length_n_ok, nrange_ok. apply andb_true_intro. split.
  - apply forallb_forall. intros k Hk. apply N.ltb_lt. apply in_upto. eapply Permutation_in; eassumption.
  - assert (S : forall l0 t i, (In i l0 \/ is_pivot t i = true) -> is_pivot (fold_left (fun s k => PM.add (N.succ_pos k) tt s) l0 t) i = true).
    { induction l0 as [|a l0 IH]; cbn [fold_left]; intros t i Hi; [destruct Hi as [[]|Hi]; exact Hi|]. apply IH.
      unfold is_pivot at 1. destruct (N.eq_dec i a) as [->|D]; [right; now rewrite PM.gss|].
      destruct Hi as [[->|Hi]|Hi]; [easy|now left|right]. unfold is_pivot in *.
      rewrite PM.gso by (intros K; apply D; now apply succ_pos_inj). exact Hi. }
    apply forallb_forall. intros k Hk. apply S. left. eapply Permutation_in; [symmetry; exact H|exact Hk].
Qed.
Lemma fst_combine_all {A B} (p : list A) (s : list B) : length p = length s -> map fst (combine p s) = p.
Proof. revert s. induction p as [|a p IH]; intros [|b s]; cbn; try easy. intros [= E]. f_equal. now apply IH. Qed.
Lemma monomial_permutation a n x : monomial_of a n = Some x -> axis_ok a = true -> Permutation (map fst x) (upto n).
Proof.
  destruct a as [[p s|]|]; cbn [monomial_of axis_ok]; [|easy|].
  - destruct (has_length p n && has_length s n && _) eqn:H; [|easy]. apply andb_prop in H as [[H1 H2]%andb_prop _].
    apply has_length_ok in H1, H2. intros [= <-] H. rewrite fst_combine_all by lia. rewrite <- H1. now apply permutation_ok_spec.
  - intros [= <-] _. rewrite map_map. cbn [fst]. rewrite map_id, nrange_ok. reflexivity.
Qed.
Lemma upto_add a b : upto (a + b) = upto a ++ map (fun i => (a + i)%N) (upto b).
Proof.
  unfold upto. rewrite N2Nat.inj_add, seq_app, map_app. f_equal. cbn [Nat.add]. rewrite map_map.
  replace (N.to_nat a) with (N.to_nat a + 0)%nat at 1 by lia. generalize 0%nat as j. induction (N.to_nat b) as [|k IH]; intros j; cbn [seq map]; [reflexivity|].
  f_equal; [lia|]. rewrite <- IH. f_equal. f_equal. lia.
Qed.
Lemma upto_mul n b : flat_map (fun o => map (fun i => (o * b + i)%N) (upto b)) (upto n) = upto (n * b).
Proof.
  induction n as [|n IH] using N.peano_ind; [reflexivity|].
  rewrite upto_succ, flat_map_app, IH. cbn [flat_map]. rewrite app_nil_r, N.mul_succ_l. now rewrite upto_add.
Qed.
Lemma flat_map_permutation {A B} (f g : A -> list B) l l' : Permutation l l' -> (forall a, Permutation (f a) (g a)) -> Permutation (flat_map f l) (flat_map g l').
Proof.
  intros H G. induction H as [|a l l' H IH|a b l|l l1 l2 H1 IH1 H2 IH2]; cbn [flat_map].
  - constructor.
  - now apply Permutation_app.
  - rewrite !app_assoc. apply Permutation_app.
    + rewrite (Permutation_app_comm (f b)). now apply Permutation_app.
    + clear -G. induction l; cbn [flat_map]; [constructor|]. now apply Permutation_app.
  - rewrite IH1. symmetry. clear -H2 G. induction H2 as [|a l l' H IH|a b l|l l1 l2 H1 IH1 H2 IH2]; cbn [flat_map].
    + constructor.
    + now apply Permutation_app_head.
    + rewrite !app_assoc. apply Permutation_app_tail. apply Permutation_app_comm.
    + now rewrite IH2.
Qed.
Lemma flat_permutation : forall shape acts own, flat_action shape acts = Some own -> forallb axis_ok acts = true -> Permutation (map fst own) (upto (size shape)).
Proof.
  induction shape as [|n s IH]; intros [|a acts] own H Hok; try easy.
  - injection H as <-. reflexivity.
  - cbn [flat_action] in H. destruct (monomial_of a n) as [outer|] eqn:Eo; [|easy]. destruct (flat_action s acts) as [inner|] eqn:Ei; [|easy].
    destruct (has_length inner (size s)) eqn:Hl; [|easy]. injection H as <-. cbn [forallb] in Hok. apply andb_prop in Hok as [Ha Hok].
    specialize (IH acts inner Ei Hok). assert (Po := monomial_permutation a n outer Eo Ha). change (size (n :: s)) with (n * size s)%N.
    set (b := size s) in *. rewrite <- upto_mul.
    assert (E : map fst (flat_map (fun ot : N * bool => map (fun it : N * bool => ((fst ot * b + fst it)%N, xorb (snd ot) (snd it))) inner) outer)
      = flat_map (fun o => map (fun i => (o * b + i)%N) (map fst inner)) (map fst outer)).
    { clear. induction outer as [|o outer IH]; cbn [flat_map map]; [reflexivity|]. rewrite map_app, IH. f_equal. rewrite !map_map. reflexivity. }
    rewrite E. apply flat_map_permutation; [exact Po|]. intros o. now apply Permutation_map.
Qed.
Lemma table_list {A} (own : list (N * bool)) (f : N * bool -> A) d :
  map (fun i => match nth_error own (N.to_nat i) with Some e => f e | None => d end) (upto (N.of_nat (length own))) = map f own.
Proof.
  assert (H := nth_error_pairs own). revert H. generalize (upto (N.of_nat (length own))) as is. intros is.
  assert (G : forall l, Forall2 (fun k a => nth_error own (N.to_nat k) = Some a) is l ->
    map (fun i => match nth_error own (N.to_nat i) with Some e => f e | None => d end) is = map f l).
  { induction 1 as [|k a ks l H K IH]; cbn [map]; [reflexivity|]. now rewrite H, IH. }
  apply G.
Qed.

Section Leaves.
Variable m : model.
Variable g : generator.
Variable extra : node_actions.
Variable tabs : tables.
Hypothesis Ht : forall k n, In (k, n) (numbered (m_nodes m)) -> exists own, flat_action (shape_of n) (acts_of m g extra n k) = Some own /\
  forall i, look tabs k i = nth_error own (N.to_nat i).
Hypothesis Hi : indices_ok m = true.
Hypothesis Ha : axes_ok m g extra = true.

Lemma leaf_own k n : In (k, n) (numbered (m_nodes m)) -> leaf_b n = true -> exists own,
  (forall i, look tabs k i = nth_error own (N.to_nat i)) /\ N.of_nat (length own) = size (shape_of n) /\ Permutation (map fst own) (upto (size (shape_of n))).
Proof.
  intros Hin Hl. destruct (Ht k n Hin) as (own & Hf & Hlook). exists own. split; [exact Hlook|]. split; [now apply (flat_action_ok _ _ _ Hf)|].
  apply (flat_permutation _ _ _ Hf). unfold axes_ok in Ha. rewrite forallb_forall in Ha. specialize (Ha _ Hin). cbn [fst snd] in Ha. now rewrite Hl in Ha.
Qed.
Lemma moves_fst : map fst (leaf_moves m tabs) = leaf_indices m.
Proof.
  unfold leaf_moves, leaf_indices, numbered.
  match goal with |- map fst (flat_map ?f _) = flat_map ?h _ => assert (G : forall l k, map fst (flat_map f (number_from k l)) = flat_map h l) end; [|apply G].
  induction l as [|n l IH]; intros k; cbn [number_from flat_map map fst snd]; [reflexivity|].
  rewrite map_app, IH. f_equal. destruct (leaf_b n); [|reflexivity]. rewrite map_map. reflexivity.
Qed.
Lemma moves_snd : Permutation (map (fun e => fst (snd e)) (leaf_moves m tabs)) (leaf_indices m).
Proof.
  unfold leaf_moves, leaf_indices.
  assert (G : forall l k, (forall kn, In kn (number_from k l) -> In kn (numbered (m_nodes m))) ->
    Permutation (map (fun e : N * (N * bool) => fst (snd e)) (flat_map (fun kn : N * node => if leaf_b (snd kn) then
      map (fun i => (leaf_index m (snd kn) i,
        match look tabs (fst kn) i with Some (p, t) => (leaf_index m (snd kn) p, t) | None => (0%N, false) end))
        (nrange (size (shape_of (snd kn)))) else []) (number_from k l)))
      (flat_map (fun n => if leaf_b n then map (leaf_index m n) (nrange (size (shape_of n))) else []) l)).
  { induction l as [|n l IH]; intros k Hsub; cbn [number_from flat_map map fst snd]; [constructor|].
    rewrite map_app. apply Permutation_app; [|apply IH; intros; apply Hsub; now right].
    destruct (leaf_b n) eqn:El; [|constructor]. destruct (leaf_own k n (Hsub _ (or_introl eq_refl)) El) as (own & Hlook & Hlen & Hp).
    rewrite map_map, nrange_ok. cbn [fst snd].
    rewrite (map_ext _ (fun i => match nth_error own (N.to_nat i) with Some e => leaf_index m n (fst e) | None => 0%N end))
      by (intros i; rewrite Hlook; destruct (nth_error own (N.to_nat i)) as [[p t]|]; reflexivity).
    rewrite <- Hlen, table_list, <- (map_map fst (leaf_index m n)), Hlen. now apply Permutation_map. }
  apply (G (m_nodes m) 0%N). auto.
Qed.
Theorem leaves_ok_by_axes : leaves_ok m tabs = true.
Proof.
  unfold indices_ok in Hi. cbv zeta in Hi. apply andb_prop in Hi as [I1 I2].
  assert (Len : length (leaf_moves m tabs) = length (leaf_indices m)) by (rewrite <- moves_fst; symmetry; apply map_length).
  assert (P := permutation_ok_spec _ I1).
  assert (ND : NoDup (map fst (leaf_moves m tabs))) by (rewrite moves_fst; eapply Permutation_NoDup; [symmetry; exact P|apply upto_nodup]).
  unfold leaves_ok. cbv zeta. rewrite moves_fst, I1. cbn [andb].
  apply andb_true_intro. split; [apply andb_true_intro; split; [apply andb_true_intro; split|]|].
  - apply has_length_ok in I2. unfold has_length. rewrite length_n_ok, Len, I2. apply N.eqb_refl.
  - apply permutation_ok_complete. rewrite map_length, Len, moves_snd. exact P.
  - apply forallb_forall. intros [q [p t]] Hin. cbn [fst snd]. assert (T := moves_table_ok (leaf_moves m tabs) q).
    destruct (get_t (moves_table (leaf_moves m tabs)) q) as [[p' t']|].
    + assert (X := unique_by fst _ ND _ _ T Hin eq_refl). injection X as -> ->. unfold same_entry. now rewrite N.eqb_refl, eqb_reflx.
    + exfalso. apply T. exact (in_map fst _ _ Hin).
  - apply forallb_forall. intros [k n] Hin. cbn [fst snd]. destruct (leaf_b n) eqn:El; [|reflexivity]. cbn [negb orb].
    destruct (leaf_own k n Hin El) as (own & Hlook & Hlen & Hp). rewrite nrange_ok.
    rewrite (map_ext _ (fun i => match nth_error own (N.to_nat i) with Some e => fst e | None => 0%N end))
      by (intros i; rewrite Hlook; destruct (nth_error own (N.to_nat i)) as [[p t]|]; reflexivity).
    rewrite <- Hlen, table_list. apply permutation_ok_complete. rewrite map_length, Hlen. exact Hp.
Qed.
End Leaves.
